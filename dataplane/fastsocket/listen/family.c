#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* A worker may be killed while it holds a lock: the next one gets it with word of that. */
static bool make_lock(pthread_mutex_t *lock) {
    pthread_mutexattr_t kind;
    if (pthread_mutexattr_init(&kind) != 0) return false;
    bool made = pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED) == 0 &&
                pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST) == 0 && pthread_mutex_init(lock, &kind) == 0;
    pthread_mutexattr_destroy(&kind);
    return made;
}

struct family *family_create(void) {
    struct family *family =
        mmap(NULL, sizeof *family, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (family == MAP_FAILED) return NULL;
    if (make_lock(&family->lock) && make_lock(&family->turn)) return family;
    munmap(family, sizeof *family);
    return NULL;
}

void family_lock(struct listener *listener) {
    if (pthread_mutex_lock(&listener->family->lock) != EOWNERDEAD) return;
    pthread_mutex_consistent(&listener->family->lock);
    for (int queue = 0; queue < listener->queues; queue++) family_settle(listener, queue);
}

void family_unlock(struct listener *listener) {
    pthread_mutex_unlock(&listener->family->lock);
}

int family_members(const struct listener *listener) {
    int members = 0;
    for (int i = 0; i < listener->family->cells; i++) members += listener->family->cell[i].id != 0;
    return members;
}

/* Counted anew each time: a count kept beside the cells would be wrong after a kill between two writes. */
static int count(const struct listener *listener, int queue, bool claims) {
    int found = 0;
    for (int i = 0; i < listener->family->cells; i++) {
        const struct cell *cell = &listener->family->cell[i];
        found += cell->id != 0 && cell->queue == queue && (cell->claims || !claims);
    }
    return found;
}

int family_claimers(const struct listener *listener, int queue) {
    return count(listener, queue, true);
}

int family_seats(const struct listener *listener, int queue) {
    return count(listener, queue, false);
}

/* An open queue that nobody claims is everybody's. All processes know it by the same number, which is its key in the epoll. */
void family_settle(struct listener *listener, int queue) {
    if (!listener->family->open[queue]) return;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)queue};
    bool orphan = family_claimers(listener, queue) == 0 && !listener->family->lingers[queue];
    int operation = orphan ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
    int before = errno;
    REAL(epoll_ctl)(listener->orphans, operation, listener->queue[queue].fd, &event);
    errno = before;
}

static const uint64_t DEATH = UINT64_C(1) << 63;

bool family_is_queue(uint64_t event) {
    return event < MAX_QUEUES;
}

struct keepsake {
    char control[CMSG_SPACE(sizeof(int))];
    uint64_t id;
};

/* An epoll forgets a file once its last descriptor is closed; in flight, a pidfd outlives the worker whose death it tells. */
static bool keep(struct listener *listener, uint64_t id, int pidfd) {
    struct keepsake kept = {.id = id};
    struct iovec text = {&kept.id, sizeof kept.id};
    struct msghdr message = {
        .msg_iov = &text, .msg_iovlen = 1, .msg_control = kept.control, .msg_controllen = sizeof kept.control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof pidfd);
    memcpy(CMSG_DATA(header), &pidfd, sizeof pidfd);
    if (sendmsg(listener->keep[1], &message, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof kept.id) return false;
    listener->family->kept++;
    return true;
}

static int take(struct listener *listener, uint64_t *id) {
    struct keepsake kept = {.id = 0};
    struct iovec text = {&kept.id, sizeof kept.id};
    struct msghdr message = {
        .msg_iov = &text, .msg_iovlen = 1, .msg_control = kept.control, .msg_controllen = sizeof kept.control};
    if (recvmsg(listener->keep[0], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != (ssize_t)sizeof kept.id) return -1;
    listener->family->kept--;
    *id = kept.id;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) return -1;
    int pidfd;
    memcpy(&pidfd, CMSG_DATA(header), sizeof pidfd);
    return pidfd;
}

/* Ends what tells of this process' life, if it is a pipe. */
void family_expire(struct listener *listener) {
    if (listener->life < 0) return;
    mark(listener->life, MARK_NONE, NULL);
    REAL(close)(listener->life);
    listener->life = -1;
}

static struct cell *cell_of(struct listener *listener, uint64_t id) {
    for (int i = 0; i < listener->family->cells; i++)
        if (listener->family->cell[i].id == id) return &listener->family->cell[i];
    return NULL;
}

/* Lets go of the pidfds of those who are gone. */
static void sweep(struct listener *listener) {
    for (int left = listener->family->kept; left > 0; left--) {
        uint64_t id;
        int pidfd = take(listener, &id);
        if (pidfd < 0) break;
        if (cell_of(listener, id) != NULL) keep(listener, id, pidfd);
        REAL(close)(pidfd);
    }
}

/*
 * Before Linux 5.3, or where a filter may forbid a pidfd: the end of a pipe that hangs up when this process, the only one with
 * the other end, is gone.
 */
static int pipe_of_life(struct listener *listener) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    listener->life = high(ends[1]);
    mark(listener->life, MARK_OWN, listener);
    return ends[0];
}

static bool watch_death(struct listener *listener, uint64_t id) {
    int pidfd = process.filtered ? -1 : (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (pidfd < 0) pidfd = pipe_of_life(listener);
    if (pidfd < 0) return false;
    /* Once: the worker that hears of it acts, and the others need not wake over and over. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = DEATH | id};
    bool watched =
        REAL(epoll_ctl)(listener->orphans, EPOLL_CTL_ADD, pidfd, &event) == 0 && keep(listener, id, pidfd);
    REAL(close)(pidfd);
    return watched;
}

static void clear(struct listener *listener, struct cell *cell) {
    int queue = cell->queue;
    cell->id = 0;
    cell->claims = false;
    family_settle(listener, queue);
}

/* A worker that heard of a death may have been killed before it acted. */
static void bury_unheard(struct listener *listener) {
    for (int i = 0; i < listener->family->cells; i++) {
        struct cell *cell = &listener->family->cell[i];
        if (cell->id != 0 && kill(cell->pid, 0) != 0 && errno == ESRCH) clear(listener, cell);
    }
}

/* Takes a seat at a queue; answers with the cell, or -1 where death could not be told: then nothing must be claimed. */
int family_join(struct listener *listener, int queue) {
    struct family *family = listener->family;
    bury_unheard(listener);
    sweep(listener);
    int free = 0;
    while (free < family->cells && family->cell[free].id != 0) free++;
    if (free == MAX_CELLS) return -1;
    uint64_t id = ++family->last;
    if (!watch_death(listener, id)) return -1;
    family->cell[free] = (struct cell){.id = id, .pid = getpid(), .queue = queue, .claims = false};
    if (free == family->cells) family->cells++;
    return free;
}

void family_part(struct listener *listener, int cell) {
    clear(listener, &listener->family->cell[cell]);
}

static void bury(struct listener *listener, uint64_t death) {
    struct cell *cell = cell_of(listener, death & ~DEATH);
    if (cell == NULL) return;
    say("worker %d is gone", (int)cell->pid);
    clear(listener, cell);
}

/* Takes note of an event of the shared epoll that is not a queue's. */
void family_note(struct listener *listener, uint64_t event) {
    if (event == LINGER_EVENT) linger_over(listener);
    else bury(listener, event);
}

/* Takes note of all deaths that have been told, so that the dead do not count. */
void family_hear(struct listener *listener) {
    struct epoll_event events[64];
    int count = epoll_wait(listener->orphans, events, 64, 0);
    for (int i = 0; i < count; i++)
        if (!family_is_queue(events[i].data.u64)) family_note(listener, events[i].data.u64);
}
