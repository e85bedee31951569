#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <stdarg.h>

/* Threads inherit their creator's CPUs, and are many: a pin to one of them would starve them. */
PUBLIC int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*body)(void *),
                          void *restrict argument) {
    if (process_known()) {
        process.threaded = true;
        process_unpin();
    }
    return REAL(pthread_create)(thread, attributes, body, argument);
}

/* What comes before a seccomp filter. A filter may kill a process for a system call that it does not know of. */
PUBLIC int prctl(int operation, ...) {
    va_list arguments;
    unsigned long values[4];
    va_start(arguments, operation);
    for (int i = 0; i < 4; i++) values[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    if ((operation == PR_SET_NO_NEW_PRIVS || operation == PR_SET_SECCOMP) && process_known()) process.confined = true;
    return REAL(prctl)(operation, values[0], values[1], values[2], values[3]);
}
