// Preloaded into the programs of a demonstration that lasts days: their calendar clock runs
// LIMS_DAYS_AHEAD days ahead of the machine's, or behind it; the monotonic clock stays. Debian's
// libfaketime stops in jemalloc.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifndef __x86_64__
#error "the calls of the kernel are written for x86-64"
#endif

static time_t ahead(void) {
  const char* days = getenv("LIMS_DAYS_AHEAD");
  return days == NULL ? 0 : (time_t)atoi(days) * 86400;
}

static long kernel(long number, const long arguments[6]) {
  register long fourth __asm__("r10") = arguments[3];
  register long fifth __asm__("r8") = arguments[4];
  register long sixth __asm__("r9") = arguments[5];
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]),
                     "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const long arguments[6] = {clock, (long)now};
  const long failed = kernel(SYS_clock_gettime, arguments);
  if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += ahead();
  }
  return (int)failed;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval* now, void* zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

// Abseil waits until a moment of the calendar, which the kernel compares with its own.
long syscall(long number, ...) {
  long arguments[6];
  struct timespec until;
  va_list given;
  va_start(given, number);
  for (int i = 0; i < 6; ++i) arguments[i] = va_arg(given, long);
  va_end(given);
  if (number == SYS_futex && (arguments[1] & FUTEX_CLOCK_REALTIME) != 0 && arguments[3] != 0) {
    until = *(const struct timespec*)arguments[3];
    until.tv_sec -= ahead();
    arguments[3] = (long)&until;
  }
  return kernel(number, arguments);
}
