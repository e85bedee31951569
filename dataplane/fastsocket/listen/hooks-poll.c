#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { READS = POLLIN | POLLRDNORM };

/* A wait for descriptors of the program and, after them, for what its listeners have besides. */
struct wait {
    struct pollfd *all;
    nfds_t asked, added;
    struct listener **listener; /* of each added entry */
    nfds_t *of;                 /* the program's entry that it belongs to */
    sigset_t mask;              /* the program's own */
};

static bool is_listener(const struct pollfd *entry) {
    return (entry->events & READS) != 0 && mark_of(entry->fd) == MARK_ALIAS;
}

static nfds_t count_listeners(const struct pollfd *entries, nfds_t count) {
    nfds_t found = 0;
    for (nfds_t i = 0; i < count; i++) found += is_listener(&entries[i]);
    return found;
}

static void begin(struct wait *wait, const struct pollfd *entries) {
    memcpy(wait->all, entries, wait->asked * sizeof *entries);
    for (nfds_t i = 0; i < wait->asked; i++) {
        struct listener *listener = is_listener(&entries[i]) ? listener_checked(entries[i].fd) : NULL;
        if (listener == NULL || !wait_begin(listener)) continue;
        wait->listener[wait->added] = listener;
        wait->of[wait->added] = i;
        wait->all[wait->asked + wait->added++] = (struct pollfd){.fd = listener->mine, .events = POLLIN};
    }
}

static void end(void *argument) {
    const struct wait *wait = argument;
    for (nfds_t i = 0; i < wait->added; i++) wait_end(wait->listener[i]);
    free(wait->all);
    pthread_sigmask(SIG_SETMASK, &wait->mask, NULL);
}

static int answer(const struct wait *wait, struct pollfd *entries) {
    int ready = 0;
    for (nfds_t i = 0; i < wait->asked; i++) entries[i].revents = wait->all[i].revents;
    for (nfds_t i = 0; i < wait->added; i++) {
        struct pollfd *entry = &entries[wait->of[i]];
        if (wait->all[wait->asked + i].revents & POLLIN) entry->revents |= (short)(entry->events & READS);
    }
    for (nfds_t i = 0; i < wait->asked; i++) ready += entries[i].revents != 0;
    return ready;
}

static int wait_for(struct pollfd *entries, nfds_t count, const struct timespec *limit, const sigset_t *mask) {
    nfds_t found = process_known() ? count_listeners(entries, count) : 0;
    size_t each = sizeof(struct pollfd), room = (count + found) * each + found * (sizeof(void *) + sizeof(nfds_t));
    struct wait wait = {.all = found == 0 ? NULL : malloc(room), .asked = count};
    if (wait.all == NULL) return REAL(ppoll)(entries, count, limit, mask);
    wait.listener = (struct listener **)(void *)(wait.all + count + found);
    wait.of = (nfds_t *)(void *)(wait.listener + found);
    int ready;
    /* Signals stay blocked but for the wait itself: one that came just before it must interrupt it. */
    signals_block(&wait.mask);
    begin(&wait, entries);
    pthread_cleanup_push(end, &wait);
    ready = REAL(ppoll)(wait.all, count + wait.added, limit, mask == NULL ? &wait.mask : mask);
    if (ready >= 0) ready = answer(&wait, entries);
    pthread_cleanup_pop(0);
    int failure = errno;
    end(&wait);
    errno = failure;
    return ready;
}

PUBLIC int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *limit, const sigset_t *mask) {
    return wait_for(entries, count, limit, mask);
}

PUBLIC int poll(struct pollfd *entries, nfds_t count, int limit) {
    if (!process_known() || count_listeners(entries, count) == 0) return REAL(poll)(entries, count, limit);
    struct timespec span = {limit / 1000, (long)(limit % 1000) * 1000000};
    return wait_for(entries, count, limit < 0 ? NULL : &span, NULL);
}

/* What programs call that were compiled with _FORTIFY_SOURCE. */
__attribute__((noreturn)) void __chk_fail(void);
int __poll_chk(struct pollfd *entries, nfds_t count, int limit, size_t room);
int __ppoll_chk(struct pollfd *entries, nfds_t count, const struct timespec *limit, const sigset_t *mask, size_t room);

PUBLIC int __poll_chk(struct pollfd *entries, nfds_t count, int limit, size_t room) {
    if (room / sizeof *entries < count) __chk_fail();
    return poll(entries, count, limit);
}

PUBLIC int __ppoll_chk(struct pollfd *entries, nfds_t count, const struct timespec *limit, const sigset_t *mask,
                       size_t room) {
    if (room / sizeof *entries < count) __chk_fail();
    return ppoll(entries, count, limit, mask);
}

struct sets {
    fd_set *read, *write, *except;
};

static bool in(int fd, const fd_set *set) {
    return set != NULL && FD_ISSET(fd, set);
}

static bool reads_listener(int count, const fd_set *read) {
    if (read == NULL || count > FD_SETSIZE || !process_known()) return false;
    for (int fd = 0; fd < count; fd++)
        if (mark_of(fd) == MARK_ALIAS && FD_ISSET(fd, read)) return true;
    return false;
}

static nfds_t to_entries(int count, const struct sets *sets, struct pollfd *entries) {
    nfds_t found = 0;
    for (int fd = 0; fd < count; fd++) {
        int events = (in(fd, sets->read) ? POLLIN : 0) | (in(fd, sets->write) ? POLLOUT : 0) |
                     (in(fd, sets->except) ? POLLPRI : 0);
        if (events != 0) entries[found++] = (struct pollfd){.fd = fd, .events = (short)events};
    }
    return found;
}

static int keep_if(fd_set *set, const struct pollfd *entry, short wanted, short signs) {
    if (!in(entry->fd, set)) return 0;
    if ((entry->events & wanted) != 0 && (entry->revents & signs) != 0) return 1;
    FD_CLR(entry->fd, set);
    return 0;
}

/* Which signs make a descriptor ready in which set is the kernel's own rule (POLLIN_SET and so on in fs/select.c). */
static int to_sets(const struct pollfd *entries, nfds_t count, const struct sets *sets) {
    int ready = 0;
    for (nfds_t i = 0; i < count; i++) {
        if ((entries[i].revents & POLLNVAL) == 0) continue;
        errno = EBADF;
        return -1;
    }
    for (nfds_t i = 0; i < count; i++) {
        ready += keep_if(sets->read, &entries[i], POLLIN, POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR);
        ready += keep_if(sets->write, &entries[i], POLLOUT, POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR);
        ready += keep_if(sets->except, &entries[i], POLLPRI, POLLPRI);
    }
    return ready;
}

static int select_by_poll(int count, const struct sets *sets, const struct timespec *limit, const sigset_t *mask) {
    struct pollfd entries[FD_SETSIZE];
    nfds_t found = to_entries(count, sets, entries);
    int ready = wait_for(entries, found, limit, mask);
    return ready < 0 ? ready : to_sets(entries, found, sets);
}

PUBLIC int pselect(int count, fd_set *restrict read, fd_set *restrict write, fd_set *restrict except,
                   const struct timespec *restrict limit, const sigset_t *restrict mask) {
    if (!reads_listener(count, read)) return REAL(pselect)(count, read, write, except, limit, mask);
    return select_by_poll(count, &(struct sets){read, write, except}, limit, mask);
}

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* Linux tells in `limit` how much of it is left. */
PUBLIC int select(int count, fd_set *restrict read, fd_set *restrict write, fd_set *restrict except,
                  struct timeval *restrict limit) {
    if (!reads_listener(count, read)) return REAL(select)(count, read, write, except, limit);
    struct sets sets = {read, write, except};
    if (limit == NULL) return select_by_poll(count, &sets, NULL, NULL);
    long long until = now_us() + limit->tv_sec * 1000000LL + limit->tv_usec;
    int ready = select_by_poll(count, &sets, &(struct timespec){limit->tv_sec, limit->tv_usec * 1000}, NULL);
    int failure = errno;
    long long left = until - now_us();
    *limit = left < 0 ? (struct timeval){0, 0} : (struct timeval){left / 1000000, left % 1000000};
    errno = failure;
    return ready;
}
