#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <fcntl.h>
#include <sys/stat.h>

struct listener listeners[MAX_LISTENERS];

static _Atomic uint8_t kinds[MAX_FDS];
static _Atomic uint8_t owners[MAX_FDS];

enum mark mark_of(int fd) {
    return fd < 0 || fd >= MAX_FDS ? MARK_NONE : (enum mark)kinds[fd];
}

void mark(int fd, enum mark kind, const struct listener *listener) {
    if (fd < 0 || fd >= MAX_FDS) return;
    if (listener != NULL) owners[fd] = (uint8_t)(listener - listeners);
    kinds[fd] = (uint8_t)kind;
}

/* The listener that a descriptor of the program leads to. */
struct listener *listener_at(int fd) {
    if (mark_of(fd) != MARK_ALIAS || !process_known()) return NULL;
    return &listeners[owners[fd]];
}

/* As listener_at, but looks whether a bare system call has put something else there. */
struct listener *listener_checked(int fd) {
    struct listener *listener = listener_at(fd);
    struct stat state;
    if (listener == NULL || fstat(fd, &state) != 0 || state.st_ino != listener->inode) return NULL;
    return listener;
}

/* Programs count on low numbers for their own descriptors: daemons for 0 to 2, select for those below 1024. */
enum { HIGH = 200 };

int high(int fd) {
    if (fd < 0) return fd;
    int moved = REAL(fcntl)(fd, F_DUPFD_CLOEXEC, HIGH);
    if (moved < 0) return fd;
    REAL(close)(fd);
    return moved;
}

static void watcher_gone(int fd) {
    for (struct listener *each = listeners; each < listeners + MAX_LISTENERS; each++)
        for (int i = 0; each->used && i < each->watchers; i++) {
            if (each->watcher[i].fd != fd) continue;
            each->watcher[i] = each->watcher[--each->watchers];
            worker_settle(each, false);
            break;
        }
}

/* The program closes a descriptor, or puts something else in its place. The gate is held. */
void descriptor_gone(int fd) {
    enum mark kind = mark_of(fd);
    struct listener *listener = &listeners[fd < MAX_FDS && fd >= 0 ? owners[fd] : 0];
    if (kind == MARK_NONE) return;
    mark(fd, MARK_NONE, NULL);
    if (kind == MARK_EPOLL) watcher_gone(fd);
    if (kind == MARK_OWN) listener_forget(listener);
    if (kind == MARK_ALIAS && --listener->aliases == 0) listener_forget(listener);
}
