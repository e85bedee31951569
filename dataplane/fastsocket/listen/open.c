#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int number(int fd, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

/* A filter cannot be read back to be set on another socket, but whether there is one can be told. */
static bool filtered(int fd) {
    socklen_t length = 0;
    return getsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, NULL, &length) != 0 || length > 0;
}

/*
 * Only TCP sockets that the program is about to listen on by itself: not those it was given listening (socket activation,
 * upgrades), and not those that it shares out with SO_REUSEPORT itself.
 */
bool listener_eligible(int fd) {
    if (fd < 0 || fd >= MAX_FDS || !process_known()) return false;
    int domain = number(fd, SO_DOMAIN);
    return (domain == AF_INET || domain == AF_INET6) && number(fd, SO_TYPE) == SOCK_STREAM &&
           number(fd, SO_PROTOCOL) == IPPROTO_TCP && number(fd, SO_REUSEPORT) == 0 && number(fd, SO_ACCEPTCONN) == 0 &&
           !filtered(fd);
}

static ino_t inode_of(int fd) {
    struct stat state;
    return fstat(fd, &state) == 0 ? state.st_ino : 0;
}

static bool open_queue(int original, int cpu, struct queue *queue) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int on = 1, domain = number(original, SO_DOMAIN);
    queue->cpu = cpu;
    queue->fd = high(socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (queue->fd < 0) return false;
    queue->inode = inode_of(queue->fd);
    return options_copy(original, queue->fd, domain) &&
           REAL(setsockopt)(queue->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
           (!steer_by_cpu() ||
            REAL(setsockopt)(queue->fd, SOL_SOCKET, SO_INCOMING_CPU, &cpu, sizeof cpu) == 0) &&
           getsockname(original, (struct sockaddr *)&address, &length) == 0 &&
           bind(queue->fd, (struct sockaddr *)&address, length) == 0;
}

static bool open_queues(struct listener *listener, int original) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return false;
    for (int cpu = 0; cpu < MAX_QUEUES; cpu++) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        listener->queue[listener->queues].fd = -1;
        if (!open_queue(original, cpu, &listener->queue[listener->queues++])) return false;
    }
    return listener->queues > 1;
}

static bool open_shared(struct listener *listener) {
    listener->orphans = high(epoll_create1(EPOLL_CLOEXEC));
    listener->timer = high(linger_timer());
    listener->bell = high(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, listener->keep) != 0) return false;
    listener->keep[0] = high(listener->keep[0]);
    listener->keep[1] = high(listener->keep[1]);
    return listener->bell >= 0 && linger_watch(listener) && (listener->family = family_create()) != NULL;
}

static bool migrates(void) {
    FILE *file = fopen("/proc/sys/net/ipv4/tcp_migrate_req", "re");
    if (file == NULL) return false;
    bool on = fgetc(file) == '1';
    fclose(file);
    return on;
}

/* Calls `each` with the numbers of our own descriptors of this listener. */
static void own_descriptors(struct listener *listener, void (*each)(int fd, const struct listener *)) {
    for (int queue = 0; queue < listener->queues; queue++) each(listener->queue[queue].fd, listener);
    each(listener->orphans, listener);
    each(listener->bell, listener);
    each(listener->array, listener);
    each(listener->timer, listener);
    each(listener->keep[0], listener);
    each(listener->keep[1], listener);
}

static void mark_own(int fd, const struct listener *listener) {
    mark(fd, MARK_OWN, listener);
}

static void close_own(int fd, const struct listener *listener) {
    (void)listener;
    /* What the program has put another descriptor over is no longer marked as ours. */
    if (fd < 0 || (fd < MAX_FDS && mark_of(fd) != MARK_OWN)) return;
    mark(fd, MARK_NONE, NULL);
    REAL(close)(fd);
}

static struct listener *unused(void) {
    for (struct listener *each = listeners; each < listeners + MAX_LISTENERS; each++)
        if (!each->used) return each;
    return NULL;
}

static void blank(struct listener *listener) {
    listener->queues = listener->watchers = listener->waits = 0;
    listener->mine = listener->serving = listener->watched = listener->cell = -1;
    listener->life = listener->timer = listener->array = listener->orphans = listener->bell = -1;
    listener->keep[0] = listener->keep[1] = -1;
    listener->family = NULL;
    listener->creator = process.pid;
    listener->forks_before = process.forks;
    listener->migrates = migrates();
}

/* Makes the queues of a socket that listens now and carries SO_REUSEPORT. The gate is held. */
bool listener_open(int fd, int backlog) {
    struct listener *listener = unused();
    if (listener == NULL) return false;
    blank(listener);
    listener->backlog = backlog;
    listener->inode = inode_of(fd);
    listener->aliases = 1;
    listener->used = true;
    bool opened = open_queues(listener, fd) && open_shared(listener);
    if (opened) steer_prepare(listener, fd);
    own_descriptors(listener, mark_own);
    if (opened) mark(fd, MARK_ALIAS, listener);
    else listener_forget(listener);
    return opened;
}

/* This process has closed the listener, or has lost what belongs to it: it goes back to the plain socket. The gate is held. */
void listener_forget(struct listener *listener) {
    if (!listener->used) return;
    worker_leave(listener);
    for (int fd = 0; fd < MAX_FDS && listener->aliases > 0; fd++)
        if (mark_of(fd) == MARK_ALIAS && listener_at(fd) == listener) mark(fd, MARK_NONE, NULL);
    own_descriptors(listener, close_own);
    if (listener->family != NULL) munmap(listener->family, sizeof *listener->family);
    listener->family = NULL;
    listener->used = false;
}
