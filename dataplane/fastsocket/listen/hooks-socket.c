#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>

static void listen_again(struct listener *listener, int backlog) {
    listener->backlog = backlog;
    for (int queue = 0; queue < listener->queues; queue++)
        if (listener->family->open[queue]) REAL(listen)(listener->queue[queue].fd, backlog);
}

/*
 * SO_REUSEPORT comes after bind, not before: the program's own bind still fails where the address is taken. It comes here, and
 * not in the workers, since only sockets of one user may share a port, and workers drop their privileges.
 */
static int listen_first(int fd, int backlog) {
    int on = 1, off = 0;
    if (!listener_eligible(fd) || REAL(setsockopt)(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        return REAL(listen)(fd, backlog);
    int result = REAL(listen)(fd, backlog);
    int failure = errno;
    if (result != 0 || !listener_open(fd, backlog)) {
        REAL(setsockopt)(fd, SOL_SOCKET, SO_REUSEPORT, &off, sizeof off);
        say("descriptor %d stays a plain listener", fd);
    }
    errno = failure;
    return result;
}

PUBLIC int listen(int fd, int backlog) {
    if (!process_known()) return REAL(listen)(fd, backlog);
    sigset_t before;
    gate_enter(&before);
    struct listener *listener = listener_checked(fd);
    if (listener == NULL && mark_of(fd) == MARK_ALIAS) descriptor_gone(fd);
    int result = listener == NULL ? listen_first(fd, backlog) : REAL(listen)(fd, backlog);
    int failure = errno;
    if (listener != NULL && result == 0) listen_again(listener, backlog);
    gate_leave(&before);
    errno = failure;
    return result;
}

PUBLIC int accept4(int fd, __SOCKADDR_ARG address, socklen_t *restrict length, int flags) {
    struct listener *listener = listener_at(fd);
    if (listener == NULL) return REAL(accept4)(fd, address.__sockaddr__, length, flags);
    return accept_any(listener, fd, address.__sockaddr__, length, flags);
}

PUBLIC int accept(int fd, __SOCKADDR_ARG address, socklen_t *restrict length) {
    return accept4(fd, address, length, 0);
}

/* These make a socket what it is, or belong to this library: they are not for all. */
static bool of_one_socket(int level, int name) {
    return level == SOL_SOCKET && (name == SO_REUSEPORT || name == SO_INCOMING_CPU);
}

/* A program that begins to share its port out by itself gets plain hashing: our queues attract nothing any more. */
static void stop_steering(struct listener *listener) {
    int nowhere = -1;
    for (int queue = 0; queue < listener->queues; queue++)
        REAL(setsockopt)(listener->queue[queue].fd, SOL_SOCKET, SO_INCOMING_CPU, &nowhere, sizeof nowhere);
    say("the program shares its port by itself now");
}

PUBLIC int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
    int result = REAL(setsockopt)(fd, level, name, value, length);
    if (result != 0 || mark_of(fd) != MARK_ALIAS) return result;
    struct listener *listener = listener_checked(fd);
    if (listener == NULL) return result;
    int before = errno;
    if (level == SOL_SOCKET && name == SO_REUSEPORT) stop_steering(listener);
    for (int queue = 0; queue < listener->queues && !of_one_socket(level, name); queue++)
        if (REAL(setsockopt)(listener->queue[queue].fd, level, name, value, length) != 0)
            say("option %d of level %d cannot be set on queue %d", name, level, queue);
    errno = before;
    return result;
}

PUBLIC int shutdown(int fd, int how) {
    int result = REAL(shutdown)(fd, how);
    if (result != 0 || mark_of(fd) != MARK_ALIAS || how == SHUT_WR) return result;
    struct listener *listener = listener_checked(fd);
    for (int queue = 0; listener != NULL && queue < listener->queues; queue++)
        if (listener->family->open[queue]) REAL(shutdown)(listener->queue[queue].fd, how);
    return result;
}
