#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdarg.h>

static void gone(int fd) {
    sigset_t before;
    int failure = errno;
    gate_enter(&before);
    descriptor_gone(fd);
    gate_leave(&before);
    errno = failure;
}

/* To the program our own descriptors do not exist: loops that close all they do not know leave them alone. */
PUBLIC int close(int fd) {
    if (mark_of(fd) == MARK_NONE || !process_known()) return REAL(close)(fd);
    if (mark_of(fd) == MARK_OWN) {
        errno = EBADF;
        return -1;
    }
    gone(fd);
    return REAL(close)(fd);
}

/* Closes a range around our own descriptors. */
static int close_around(unsigned first, unsigned last, int flags) {
    for (unsigned fd = first; fd <= last && fd < MAX_FDS; fd++)
        if (mark_of((int)fd) == MARK_ALIAS || mark_of((int)fd) == MARK_EPOLL) gone((int)fd);
    for (unsigned fd = first; fd <= last && fd < MAX_FDS; fd++) {
        if (mark_of((int)fd) != MARK_OWN) continue;
        if (fd > first && REAL(close_range)(first, fd - 1, flags) != 0) return -1;
        first = fd + 1;
    }
    return first > last ? 0 : REAL(close_range)(first, last, flags);
}

PUBLIC int close_range(unsigned first, unsigned last, int flags) {
    if ((flags & (int)CLOSE_RANGE_CLOEXEC) != 0 || first > last || !process_known())
        return REAL(close_range)(first, last, flags);
    return close_around(first, last, flags);
}

PUBLIC void closefrom(int first) {
    close_range(first < 0 ? 0 : (unsigned)first, ~0U, 0);
}

/* A copy of a listener's descriptor is a listener's descriptor. */
static int copied(int from, int to) {
    if (to < 0 || from == to || mark_of(from) != MARK_ALIAS || to >= MAX_FDS || !process_known()) return to;
    sigset_t before;
    int failure = errno;
    gate_enter(&before);
    struct listener *listener = listener_checked(from);
    if (listener != NULL) {
        mark(to, MARK_ALIAS, listener);
        listener->aliases++;
    }
    gate_leave(&before);
    errno = failure;
    return to;
}

/* What the number stood for before is closed by the copy. */
static void make_way(int from, int to) {
    if (from != to && mark_of(to) != MARK_NONE && process_known() && REAL(fcntl)(from, F_GETFD) >= 0) gone(to);
}

PUBLIC int dup(int fd) {
    return copied(fd, REAL(dup)(fd));
}

PUBLIC int dup2(int from, int to) {
    make_way(from, to);
    return copied(from, REAL(dup2)(from, to));
}

PUBLIC int dup3(int from, int to, int flags) {
    make_way(from, to);
    return copied(from, REAL(dup3)(from, to, flags));
}

static int control(int fd, int command, void *argument) {
    int result = REAL(fcntl)(fd, command, argument);
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? copied(fd, result) : result;
}

PUBLIC int fcntl(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return control(fd, command, argument);
}

/* What programs call that were compiled with _FILE_OFFSET_BITS=64. */
PUBLIC int fcntl64(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return control(fd, command, argument);
}
