#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <sys/timerfd.h>

/*
 * nginx takes its listener out of epoll and puts it back at once, each sixteen connections (to let others have their turn at a
 * shared queue). A queue that its worker lets go of so is kept back from the others for a moment, so that they do not rush at
 * it; then a timer that all processes watch gives it to them, even if the worker does nothing any more.
 */
enum { MOMENT_NS = 10 * 1000 * 1000 };

int linger_timer(void) {
    return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

bool linger_watch(const struct listener *listener) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = LINGER_EVENT};
    return REAL(epoll_ctl)(listener->orphans, EPOLL_CTL_ADD, listener->timer, &event) == 0;
}

static bool arm(const struct listener *listener, long span) {
    struct itimerspec when = {.it_value.tv_nsec = span};
    return timerfd_settime(listener->timer, 0, &when, NULL) == 0;
}

static bool any_lingers(const struct listener *listener) {
    for (int queue = 0; queue < listener->queues; queue++)
        if (listener->family->lingers[queue]) return true;
    return false;
}

/* Keeps a queue that its worker has let go of from the others, for a moment. The family's lock is held. */
void linger(struct listener *listener, int queue) {
    if (process.filtered || process.confined) return;
    /* A timer that runs already is not put off: those who let go time and again must not keep others' queues back. */
    if (!any_lingers(listener) && !arm(listener, MOMENT_NS)) return;
    listener->family->lingers[queue] = true;
}

/* A worker claims the queue (again). The family's lock is held. */
void linger_end(struct listener *listener, int queue) {
    if (!listener->family->lingers[queue]) return;
    listener->family->lingers[queue] = false;
    if (!any_lingers(listener)) arm(listener, 0);
}

/* The moment has passed. The family's lock is held. */
void linger_over(struct listener *listener) {
    uint64_t times;
    if (read(listener->timer, &times, sizeof times) < 0) return; /* another worker was first */
    for (int queue = 0; queue < listener->queues; queue++) {
        listener->family->lingers[queue] = false;
        family_settle(listener, queue);
    }
}
