#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>

static struct watcher *watcher_of(struct listener *listener, int epoll) {
    for (int i = 0; i < listener->watchers; i++)
        if (listener->watcher[i].fd == epoll) return &listener->watcher[i];
    return NULL;
}

/* Our epoll carries the program's own mark, so that an event of it is to the program one of its listener. */
static bool put(const struct listener *listener, int epoll, int operation, const struct epoll_event *event) {
    struct epoll_event ours = *event;
    ours.events &= ~(uint32_t)EPOLLEXCLUSIVE; /* refused for nested epolls; needless, since this one is this process' own */
    return REAL(epoll_ctl)(epoll, operation, listener->mine, &ours) == 0;
}

static void watched(struct listener *listener, int epoll, const struct epoll_event *event) {
    struct watcher *watcher = watcher_of(listener, epoll);
    if (watcher == NULL) {
        if (listener->watchers == MAX_EPOLLS || epoll >= MAX_FDS || !worker_enrol(listener)) return;
        if (!put(listener, epoll, EPOLL_CTL_ADD, event)) return;
        mark(epoll, MARK_EPOLL, NULL);
        watcher = &listener->watcher[listener->watchers++];
        watcher->fd = epoll;
    } else if (!put(listener, epoll, EPOLL_CTL_MOD, event)) {
        return;
    }
    watcher->reads = (event->events & (EPOLLIN | EPOLLRDNORM)) != 0;
    worker_settle(listener, true);
}

static void unwatched(struct listener *listener, int epoll) {
    struct watcher *watcher = watcher_of(listener, epoll);
    if (watcher == NULL) return;
    REAL(epoll_ctl)(epoll, EPOLL_CTL_DEL, listener->mine, NULL);
    *watcher = listener->watcher[--listener->watchers];
    worker_settle(listener, true);
}

PUBLIC int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
    int result = REAL(epoll_ctl)(epoll, operation, fd, event);
    if (result != 0 || mark_of(fd) != MARK_ALIAS) return result;
    int failure = errno;
    sigset_t before;
    gate_enter(&before);
    struct listener *listener = listener_checked(fd);
    if (listener != NULL && operation == EPOLL_CTL_DEL) unwatched(listener, epoll);
    else if (listener != NULL) watched(listener, epoll, event);
    gate_leave(&before);
    errno = failure;
    return result;
}
