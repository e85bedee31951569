#ifndef LINERATE_REAL_H
#define LINERATE_REAL_H
/* The C library's own functions, behind those that this library puts in front of them. */

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define REAL_FUNCTIONS(each)                                                                        \
    each(int, listen, (int, int))                                                                   \
    each(int, accept4, (int, struct sockaddr *, socklen_t *, int))                                  \
    each(int, setsockopt, (int, int, int, const void *, socklen_t))                                 \
    each(int, shutdown, (int, int))                                                                 \
    each(int, close, (int))                                                                         \
    each(int, close_range, (unsigned, unsigned, int))                                               \
    each(int, dup, (int))                                                                           \
    each(int, dup2, (int, int))                                                                     \
    each(int, dup3, (int, int, int))                                                                \
    each(int, fcntl, (int, int, ...))                                                               \
    each(int, epoll_ctl, (int, int, int, struct epoll_event *))                                     \
    each(int, poll, (struct pollfd *, nfds_t, int))                                                 \
    each(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))          \
    each(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *))                        \
    each(int, pselect,                                                                              \
         (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *))            \
    each(int, prctl, (int, ...))                                                                    \
    each(int, pthread_create, (pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))

#define DECLARE_REAL(result, name, arguments) extern result(*real_##name) arguments;
REAL_FUNCTIONS(DECLARE_REAL)
#undef DECLARE_REAL

/* Other libraries' constructors may call us before our own has run. */
#define REAL(name) (real_##name != NULL ? real_##name : (real_resolve(), real_##name))

void real_resolve(void);

#define PUBLIC __attribute__((visibility("default")))

#endif
