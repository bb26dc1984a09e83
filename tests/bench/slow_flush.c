// Preloaded: every flush to disk takes LIMS_FLUSH_MS milliseconds longer, as on a laboratory's disk.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void Delay(void) {
  static long milliseconds = -1;
  if (milliseconds < 0) {
    const char* text = getenv("LIMS_FLUSH_MS");
    milliseconds = text == NULL ? 0 : atol(text);
  }
  const struct timespec wait = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&wait, NULL);
}

static int Flush(const char* name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  Delay();
  return real(fd);
}

int fsync(int fd) { return Flush("fsync", fd); }
int fdatasync(int fd) { return Flush("fdatasync", fd); }
