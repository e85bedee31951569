#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <sys/stat.h>

static bool watch(struct listener *listener, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return REAL(epoll_ctl)(listener->mine, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void unwatch(struct listener *listener, int fd) {
    REAL(epoll_ctl)(listener->mine, EPOLL_CTL_DEL, fd, NULL);
}

/* The queue with the fewest workers among those of CPUs that this process may run on. */
static int choose(const struct listener *listener) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) CPU_ZERO(&allowed);
    int best = -1, seats = 0;
    for (int queue = 0; queue < listener->queues; queue++) {
        int cpu = listener->queue[queue].cpu;
        if (cpu == process.cpu) return queue;
        if (!CPU_ISSET(cpu, &allowed)) continue;
        int taken = family_seats(listener, queue);
        if (best >= 0 && taken >= seats) continue;
        best = queue;
        seats = taken;
    }
    return best;
}

/* Whether our descriptors still are what we opened: a bare system call may have closed them. */
static bool intact(const struct listener *listener) {
    struct stat state;
    for (int queue = 0; queue < listener->queues; queue++)
        if (fstat(listener->queue[queue].fd, &state) != 0 || state.st_ino != listener->queue[queue].inode) return false;
    return true;
}

static bool wait_for_second(struct listener *listener) {
    uint64_t rung;
    if (read(listener->bell, &rung, sizeof rung) < 0 && errno != EAGAIN) return false;
    return watch(listener, listener->bell);
}

static void ring(struct listener *listener) {
    uint64_t once = 1;
    if (write(listener->bell, &once, sizeof once) < 0) say("the first worker cannot be woken");
}

static bool join(struct listener *listener) {
    int queue = choose(listener);
    listener->cell = queue < 0 ? -1 : family_join(listener, queue);
    if (listener->cell < 0) return false;
    if (family_members(listener) == 1) return wait_for_second(listener);
    ring(listener);
    return true;
}

/*
 * Makes this process one of those that accept from the listener. False: it stays with the original alone. The process that
 * listened and has not forked since is a plain server, and one that confines itself may not survive our system calls.
 */
bool worker_enrol(struct listener *listener) {
    if (listener->mine >= 0) return true;
    if (process.confined || (listener->creator == process.pid && process.forks == listener->forks_before)) return false;
    if (!intact(listener)) return false;
    int mine = high(epoll_create1(EPOLL_CLOEXEC));
    if (mine < 0) return false;
    listener->mine = mine;
    family_lock(listener);
    family_hear(listener);
    bool joined = watch(listener, listener->orphans) && join(listener);
    if (!joined && listener->cell >= 0) family_part(listener, listener->cell);
    family_unlock(listener);
    if (joined) {
        mark(mine, MARK_OWN, listener);
        return true;
    }
    say("cannot watch the queues of the listener: staying with its plain queue");
    family_expire(listener);
    REAL(close)(mine);
    listener->mine = listener->cell = -1;
    return false;
}

static struct cell *own(struct listener *listener) {
    return &listener->family->cell[listener->cell];
}

/* A queue opens with its first claim, and stays open. */
static bool opened(struct listener *listener, int queue) {
    if (listener->family->open[queue]) return true;
    if (REAL(listen)(listener->queue[queue].fd, listener->backlog) != 0) return false;
    listener->family->open[queue] = true;
    steer_to(listener, queue);
    return true;
}

static bool take_queue(struct listener *listener, int queue) {
    if (!opened(listener, queue)) return false;
    if (listener->watched != queue) {
        if (!watch(listener, listener->queue[queue].fd)) return false;
        if (listener->watched >= 0) unwatch(listener, listener->queue[listener->watched].fd);
        listener->watched = queue;
    }
    int left = own(listener)->queue;
    own(listener)->queue = queue;
    own(listener)->claims = true;
    listener->serving = queue;
    linger_end(listener, queue);
    if (left != queue) family_settle(listener, left);
    family_settle(listener, queue);
    return true;
}

static void settle_on(int cpu) {
    if (process.cpu != cpu) say("serving CPU %d", cpu);
    process.cpu = cpu;
}

static void claim(struct listener *listener) {
    if (process.confined || family_members(listener) < 2) return;
    int queue = own(listener)->queue;
    if (!take_queue(listener, queue)) {
        family_settle(listener, queue);
        return;
    }
    unwatch(listener, listener->bell);
    settle_on(listener->queue[queue].cpu);
    /* Workers that block while they serve a connection are left where the scheduler puts them. */
    if (listener->watchers > 0) process_pin(process.cpu);
}

static void yield_queue(struct listener *listener, bool lingers) {
    int queue = own(listener)->queue;
    own(listener)->claims = false;
    listener->serving = -1;
    if (lingers && family_claimers(listener, queue) == 0) linger(listener, queue);
    family_settle(listener, queue);
}

static bool reads(const struct listener *listener) {
    for (int i = 0; i < listener->watchers; i++)
        if (listener->watcher[i].reads) return true;
    return listener->waits > 0;
}

/* A queue is claimed as long as this process waits for its connections; in between it is everybody's. The gate is held. */
void worker_settle(struct listener *listener, bool lingers) {
    if (listener->mine < 0) return;
    bool claims = listener->serving >= 0;
    if (claims == reads(listener)) return;
    int before = errno;
    family_lock(listener);
    if (claims) yield_queue(listener, lingers);
    else claim(listener);
    family_unlock(listener);
    errno = before;
}

/*
 * Where no worker is left but the program lives on, its successor may be a program without this library that inherited the
 * original alone (nginx' binary upgrade clears LD_PRELOAD): what waits in the queues moves over to it.
 */
static void hand_over(struct listener *listener) {
    if (!listener->migrates || family_members(listener) > 0) return;
    for (int queue = 0; queue < listener->queues; queue++) {
        if (!listener->family->open[queue]) continue;
        REAL(epoll_ctl)(listener->orphans, EPOLL_CTL_DEL, listener->queue[queue].fd, NULL);
        listener->family->open[queue] = false;
        REAL(shutdown)(listener->queue[queue].fd, SHUT_RD);
    }
}

/* This process no longer accepts from the listener. The gate is held. */
void worker_leave(struct listener *listener) {
    if (listener->mine < 0) return;
    family_lock(listener);
    family_hear(listener);
    family_part(listener, listener->cell);
    hand_over(listener);
    family_unlock(listener);
    family_expire(listener);
    mark(listener->mine, MARK_NONE, NULL);
    REAL(close)(listener->mine);
    for (int i = 0; i < listener->watchers; i++) mark(listener->watcher[i].fd, MARK_NONE, NULL);
    listener->mine = listener->serving = listener->watched = listener->cell = -1;
    listener->watchers = 0;
}

static bool may_run_on(int cpu) {
    cpu_set_t allowed;
    if (process.pinned) return CPU_ISSET(cpu, &process.unpinned);
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_ISSET(cpu, &allowed);
}

/* A worker's listeners all serve one CPU, the one that it runs on. */
static void follow(struct listener *listener, int cpu) {
    if (listener->serving < 0 || listener->queue[listener->serving].cpu == cpu) return;
    family_lock(listener);
    for (int queue = 0; queue < listener->queues; queue++)
        if (listener->queue[queue].cpu == cpu) take_queue(listener, queue);
    family_unlock(listener);
}

/* After reloads two workers may share one queue while another has none. The gate is held. */
void worker_move(struct listener *listener, int queue) {
    if (listener->serving < 0 || !may_run_on(listener->queue[queue].cpu)) return;
    family_lock(listener);
    bool moves = family_claimers(listener, listener->serving) > 1 && family_claimers(listener, queue) == 0 &&
                 take_queue(listener, queue);
    family_unlock(listener);
    if (!moves) return;
    settle_on(listener->queue[queue].cpu);
    if (process.pinned) process_pin(process.cpu);
    for (struct listener *each = listeners; each < listeners + MAX_LISTENERS; each++)
        if (each->used && each->mine >= 0) follow(each, process.cpu);
}

/* Around poll, select and a blocking accept. */
bool wait_begin(struct listener *listener) {
    sigset_t before;
    gate_enter(&before);
    bool enrolled = listener->used && worker_enrol(listener);
    if (enrolled) {
        listener->waits++;
        worker_settle(listener, false);
    }
    gate_leave(&before);
    return enrolled;
}

void wait_end(struct listener *listener) {
    sigset_t before;
    int failure = errno;
    gate_enter(&before);
    if (listener->waits > 0) listener->waits--;
    worker_settle(listener, false);
    gate_leave(&before);
    errno = failure;
}
