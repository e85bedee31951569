#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>

/* Where the caller wants a connection's address and flags. */
struct caller {
    struct listener *listener;
    int fd;
    struct sockaddr *address;
    socklen_t *length;
    int flags;
};

static bool answered(int fd) {
    return fd >= 0 || errno != EAGAIN;
}

/* What is wrong with a queue of ours is not the program's error. */
static int from_queue(const struct caller *caller, int queue) {
    int fd = REAL(accept4)(caller->listener->queue[queue].fd, caller->address, caller->length, caller->flags);
    if (fd < 0 && (errno == EINVAL || errno == EBADF || errno == ENOTSOCK || errno == EOPNOTSUPP)) errno = EAGAIN;
    return fd;
}

static int from_serving(const struct caller *caller) {
    int queue = caller->listener->serving;
    errno = EAGAIN;
    return queue < 0 ? -1 : from_queue(caller, queue);
}

/* Connections that waited for a worker who shares a queue make him their CPU's own. */
static void settled_in(struct listener *listener, int queue) {
    sigset_t before;
    int failure = errno;
    gate_enter(&before);
    worker_move(listener, queue);
    gate_leave(&before);
    errno = failure;
}

static void note(struct listener *listener, uint64_t event) {
    sigset_t before;
    gate_enter(&before);
    if (listener->family != NULL) {
        family_lock(listener);
        family_note(listener, event);
        family_unlock(listener);
    }
    gate_leave(&before);
}

/* A first worker that waited for a second one starts to serve once there is one. */
static void second_came(struct listener *listener) {
    if (listener->mine < 0 || listener->serving >= 0) return;
    sigset_t before;
    gate_enter(&before);
    worker_settle(listener, false);
    gate_leave(&before);
}

/* The connections of queues that nobody claims; first those queues are told whose workers have died. */
static int from_orphans(const struct caller *caller) {
    struct listener *listener = caller->listener;
    struct epoll_event events[16];
    bool news = true;
    second_came(listener);
    while (news) {
        news = false;
        int count = epoll_wait(listener->orphans, events, 16, 0);
        for (int i = 0; i < count; i++)
            if (!family_is_queue(events[i].data.u64)) {
                note(listener, events[i].data.u64);
                news = true;
            }
        for (int i = 0; i < count; i++) {
            if (!family_is_queue(events[i].data.u64)) continue;
            int fd = from_queue(caller, (int)events[i].data.u64);
            if (!answered(fd)) continue;
            if (fd >= 0) settled_in(listener, (int)events[i].data.u64);
            return fd;
        }
    }
    errno = EAGAIN;
    return -1;
}

typedef int source(const struct caller *caller);

/* Asks three sources in turn, beginning with the given one. */
static int from_any(const struct caller *caller, source *const sources[3], unsigned first) {
    for (unsigned i = 0; i < 3; i++) {
        int fd = sources[(first + i) % 3](caller);
        if (answered(fd)) return fd;
    }
    return -1;
}

static int from_original(const struct caller *caller) {
    return REAL(accept4)(caller->fd, caller->address, caller->length, caller->flags);
}

/*
 * A blocking original is taken from only when it holds a connection and by one worker at a time, so that accept returns at
 * once: a worker that blocked in it would not see its own queue. (Linux keeps a reset connection in the queue.)
 */
static int from_blocking_original(const struct caller *caller) {
    struct pollfd original = {.fd = caller->fd, .events = POLLIN};
    pthread_mutex_t *turn = &caller->listener->family->turn;
    int fd = -1, failure = EAGAIN, locked = pthread_mutex_trylock(turn);
    if (locked == EOWNERDEAD) pthread_mutex_consistent(turn);
    if (locked == 0 || locked == EOWNERDEAD) {
        if (REAL(poll)(&original, 1, 0) > 0) {
            fd = from_original(caller);
            failure = errno;
        }
        pthread_mutex_unlock(turn);
    }
    errno = failure;
    return fd;
}

/* accept would be restarted after handlers with SA_RESTART, poll never is: restart unless any handler says otherwise. */
static bool restarts(void) {
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0) continue;
        if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) continue;
        if (!(action.sa_flags & SA_RESTART)) return false;
    }
    return true;
}

/* How long accept may wait, in ms; -1: for ever. */
static int patience(int fd) {
    struct timeval limit = {0, 0};
    socklen_t length = sizeof limit;
    getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &length);
    if (limit.tv_sec == 0 && limit.tv_usec == 0) return -1;
    return (int)(limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000);
}

static source *const BLOCKING[] = {from_serving, from_blocking_original, from_orphans};
static source *const PLAIN[] = {from_serving, from_original, from_orphans};

struct patient {
    struct listener *listener;
    sigset_t mask; /* the program's own */
};

static void end_wait(void *argument) {
    const struct patient *patient = argument;
    wait_end(patient->listener);
    pthread_sigmask(SIG_SETMASK, &patient->mask, NULL);
}

static int wait_in_turn(const struct caller *caller, const sigset_t *mask) {
    int limit = patience(caller->fd);
    struct timespec span = {limit / 1000, (long)(limit % 1000) * 1000000};
    for (;;) {
        int fd = from_any(caller, BLOCKING, atomic_fetch_add(&caller->listener->turns, 1));
        if (answered(fd)) return fd;
        struct pollfd waits[] = {{.fd = caller->fd, .events = POLLIN}, {.fd = caller->listener->mine, .events = POLLIN}};
        int ready = REAL(ppoll)(waits, 2, limit < 0 ? NULL : &span, mask);
        if (ready < 0 && errno == EINTR && limit < 0 && restarts()) continue;
        if (ready == 0) errno = EAGAIN;
        if (ready <= 0) return -1;
    }
}

/* Signals stay blocked but for the wait itself: one that came just before it must interrupt it, as it would accept. */
static int waiting(const struct caller *caller) {
    struct patient patient = {.listener = caller->listener};
    int fd;
    signals_block(&patient.mask);
    if (!wait_begin(caller->listener)) {
        pthread_sigmask(SIG_SETMASK, &patient.mask, NULL);
        return from_original(caller);
    }
    pthread_cleanup_push(end_wait, &patient);
    fd = wait_in_turn(caller, &patient.mask);
    pthread_cleanup_pop(1);
    return fd;
}

/* A worker whose own queue never runs dry must not starve those that all share. */
static unsigned first_source(struct listener *listener) {
    unsigned turn = atomic_fetch_add(&listener->turns, 1) % 16;
    return turn == 7 ? 1 : turn == 15 ? 2 : 0;
}

int accept_any(struct listener *listener, int fd, struct sockaddr *address, socklen_t *length, int flags) {
    struct caller caller = {listener, fd, address, length, flags};
    unsigned first = first_source(listener);
    if (first == 0) {
        int own = from_serving(&caller);
        if (answered(own)) return own;
    }
    int mode = REAL(fcntl)(fd, F_GETFL);
    if (mode >= 0 && (mode & O_NONBLOCK) == 0) return waiting(&caller);
    if (listener->mine < 0 || mode < 0) return from_original(&caller);
    return from_any(&caller, PLAIN, first == 0 ? 1 : first);
}
