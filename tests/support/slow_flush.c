// Preloaded: a disk that a test commands. Every flush takes LIMS_FLUSH_MS milliseconds longer, as on
// a laboratory's disk; with LIMS_FLUSH_CONTROL=DIR it waits while DIR/hold exists and fails while
// DIR/fail does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void Delay(long milliseconds) {
  const struct timespec wait = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&wait, NULL);
}

static int Commanded(const char* order) {
  const char* folder = getenv("LIMS_FLUSH_CONTROL");
  if (folder == NULL) return 0;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, order);
  return access(path, F_OK) == 0;
}

static int Flush(const char* name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char* milliseconds = getenv("LIMS_FLUSH_MS");
  if (milliseconds != NULL) Delay(atol(milliseconds));
  while (Commanded("hold")) Delay(1);
  if (Commanded("fail")) {
    errno = EIO;
    return -1;
  }
  return real(fd);
}

int fsync(int fd) { return Flush("fsync", fd); }
int fdatasync(int fd) { return Flush("fdatasync", fd); }
