/*
 * Keeps a process from using AMX, so that ONNX Runtime takes the kernels that it has for processors without it, as most
 * laptops are: the kernel's grant of AMX's state (arch_prctl ARCH_REQ_XCOMP_PERM), which the runtime asks for, is refused.
 *
 *     cc -shared -fPIC -o .cache/withoutAmx.so test/bench/withoutAmx.c
 *     LD_PRELOAD=$PWD/.cache/withoutAmx.so npm run bench -- graph cpm-small
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>

#define ARCH_REQ_XCOMP_PERM 0x1023

long syscall(long number, ...) {
  static long (*next)(long, ...);
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_arch_prctl && a[0] == ARCH_REQ_XCOMP_PERM) {
    errno = EOPNOTSUPP;
    return -1;
  }
  if (!next) next = dlsym(RTLD_NEXT, "syscall");
  return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
