#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct process process = {.cpu = -1};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

void signals_block(sigset_t *before) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

/* Signal handlers may call accept, poll and close: they must not meet a lock that the code below them holds. */
void gate_enter(sigset_t *before) {
    signals_block(before);
    pthread_mutex_lock(&gate);
}

void gate_leave(const sigset_t *before) {
    pthread_mutex_unlock(&gate);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

/*
 * A child of vfork runs in its parent's memory, and one of a bare clone has never been told apart from it: what these do to
 * their descriptors must not change what the parent knows of its own.
 */
bool process_known(void) {
    return getpid() == process.pid;
}

void say(const char *format, ...) {
    if (!process.verbose) return;
    int before = errno;
    char text[256];
    int length = snprintf(text, sizeof text, "linerate-listen[%d]: ", (int)getpid());
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, sizeof text - (size_t)length - 1, format, arguments);
    va_end(arguments);
    size_t end = strlen(text);
    text[end] = '\n';
    if (write(STDERR_FILENO, text, end + 1) < 0) errno = before;
    errno = before;
}

/* A program with threads knows better than us where they are to run. */
void process_pin(int cpu) {
    if (!process.pins || process.threaded || process.confined) return;
    cpu_set_t one;
    if (!process.pinned) {
        if (sched_getaffinity(0, sizeof process.unpinned, &process.unpinned) != 0) return;
        if (CPU_COUNT(&process.unpinned) < 2) return;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0) process.pinned = true;
}

void process_unpin(void) {
    if (!process.pinned || process.confined) return;
    sched_setaffinity(0, sizeof process.unpinned, &process.unpinned);
    process.pinned = false;
}

static sigset_t forking;

static void before_fork(void) {
    sigset_t before;
    gate_enter(&before);
    forking = before;
}

static void after_fork(void) {
    sigset_t before = forking;
    gate_leave(&before);
}

static void after_fork_parent(void) {
    process.forks++;
    after_fork();
}

/* The child shares all queues, but has claimed none yet. Its parent's epoll instances are not its own to change. */
static void after_fork_child(void) {
    process.pid = getpid();
    process.cpu = -1;
    process_unpin();
    for (struct listener *each = listeners; each < listeners + MAX_LISTENERS; each++) {
        if (!each->used) continue;
        int mine = each->mine;
        family_expire(each);
        if (mine >= 0) {
            mark(mine, MARK_NONE, NULL);
            REAL(close)(mine);
        }
        for (int i = 0; i < each->watchers; i++) mark(each->watcher[i].fd, MARK_NONE, NULL);
        each->mine = each->serving = each->watched = each->cell = -1;
        each->waits = each->watchers = 0;
    }
    after_fork();
}

static bool asked(const char *name, bool otherwise) {
    const char *value = getenv(name);
    return value == NULL ? otherwise : value[0] != '\0' && strcmp(value, "0") != 0;
}

static bool under_filter(void) {
    char line[256];
    int mode = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) sscanf(line, "Seccomp: %d", &mode);
    if (file != NULL) fclose(file);
    return mode != 0;
}

static enum steering steering(void) {
    const char *value = getenv("LINERATE_LISTEN_STEER");
    if (value != NULL && strcmp(value, "sockets") == 0) return STEER_BY_SOCKETS;
    return value != NULL && strcmp(value, "array") == 0 ? STEER_BY_ARRAY : STEER_AS_NEEDED;
}

/* The environment is read at once: nginx clears it later. */
__attribute__((constructor)) static void start(void) {
    real_resolve();
    process.pid = getpid();
    process.verbose = asked("LINERATE_LISTEN_VERBOSE", false);
    process.steering = steering();
    process.filtered = under_filter();
    process.pins = asked("LINERATE_LISTEN_PIN", true) && !process.filtered;
    pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}
