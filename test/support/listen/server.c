// server HOW WORKERS ADDRESS PORT [OPTION…]: workers that share a listener and wait for its connections by HOW: epoll, exclusive,
// edge, oneshot, poll, select, accept (blocking), raw (system calls that no library sees) or uring. WORKERS 0: no fork at all.
// Each connection gets the worker's pid, the CPU that received it and the CPU that the worker runs on. A worker that dies is replaced.
// Options: drop (privileges), dup, dup2, dup3, dupfd, threads, sweep and ranges (close what it does not know), reuseport, mourn
// (the dead are not replaced), tidy (workers end by themselves), first-raw (the first worker is one of those), seccomp (workers
// confine themselves), filtered (confined from the start): killed for a watch over processes, eBPF or a choice of CPUs.
// A worker by epoll stands still for ever after SIGUSR1 (takes the listener out first), SIGUSR2 (asks for no events), SIGHUP
// (closes the epoll) and SIGWINCH (closes the listener).
#define _GNU_SOURCE
#include "server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char **options;
static volatile sig_atomic_t ending, leaving;

static bool option(const char *name) {
    for (char **each = options; *each != NULL; each++)
        if (strcmp(*each, name) == 0) return true;
    return false;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

void answer(int fd) {
    char question[2048], text[256];
    size_t length = 0;
    while (length < sizeof question - 1) {
        ssize_t got = recv(fd, question + length, sizeof question - 1 - length, 0);
        if (got <= 0) break;
        length += (size_t)got;
        question[length] = '\0';
        if (strstr(question, "\r\n\r\n") != NULL) break;
    }
    int cpu = -1;
    socklen_t size = sizeof cpu;
    getsockopt(fd, SOL_SOCKET, SO_INCOMING_CPU, &cpu, &size);
    int written = snprintf(text, sizeof text, "HTTP/1.0 200 OK\r\n\r\n%d %d %d", (int)getpid(), cpu, sched_getcpu());
    send(fd, text, (size_t)written, MSG_NOSIGNAL);
    close(fd);
}

static void take_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) answer(fd);
        else if (errno == EAGAIN) return;
        else if (errno != EINTR && errno != ECONNABORTED) fail("accept4");
    }
}

static void by_epoll(int listener, const char *how) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    uint32_t kind = 0;
    if (strcmp(how, "exclusive") == 0) kind = EPOLLEXCLUSIVE;
    if (strcmp(how, "edge") == 0) kind = EPOLLET;
    if (strcmp(how, "oneshot") == 0) kind = EPOLLONESHOT;
    struct epoll_event event = {.events = EPOLLIN | kind, .data.u64 = 0x1234567890abcdef};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll_ctl");
    while (!ending) {
        struct epoll_event ready[8], nothing = {.events = 0};
        if (leaving == SIGUSR1) epoll_ctl(epoll, EPOLL_CTL_DEL, listener, NULL);
        if (leaving == SIGUSR2) epoll_ctl(epoll, EPOLL_CTL_MOD, listener, &nothing);
        if (leaving == SIGHUP) close(epoll);
        if (leaving == SIGWINCH) close(listener);
        while (leaving) pause();
        int count = epoll_wait(epoll, ready, 8, -1);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.u64 != event.data.u64) fail("a foreign event");
            take_all(listener);
            if (kind == EPOLLONESHOT) epoll_ctl(epoll, EPOLL_CTL_MOD, listener, &event);
        }
    }
}

static void by_poll(int listener) {
    while (!ending) {
        struct pollfd entry = {.fd = listener, .events = POLLIN};
        if (poll(&entry, 1, -1) == 1 && (entry.revents & POLLIN)) take_all(listener);
    }
}

static void by_select(int listener) {
    while (!ending) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(listener, &set);
        struct timeval limit = {60, 0};
        if (select(listener + 1, &set, NULL, NULL, &limit) == 1 && FD_ISSET(listener, &set)) take_all(listener);
    }
}

static void by_accept(int listener) {
    while (!ending) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0) answer(fd);
        else if (errno != EINTR) fail("accept");
    }
}

static void by_raw(int listener) {
    while (!ending) {
        struct pollfd entry = {.fd = listener, .events = POLLIN};
        if (syscall(SYS_poll, &entry, 1, -1) != 1) continue;
        int fd = (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) answer(fd);
    }
}

static void confine(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_setaffinity, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof rules[0], rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("no_new_privs");
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) fail("seccomp");
}

static int copied(int listener) {
    if (option("dup")) return dup(listener);
    if (option("dup2")) return dup2(listener, 150);
    if (option("dup3")) return dup3(listener, 150, O_CLOEXEC);
    if (option("dupfd")) return fcntl(listener, F_DUPFD_CLOEXEC, 150);
    return listener;
}

struct work {
    int listener;
    const char *how;
};

static void *work(void *argument) {
    const struct work *given = argument;
    int listener = copied(given->listener);
    if (listener != given->listener) close(given->listener);
    if (strcmp(given->how, "poll") == 0) by_poll(listener);
    else if (strcmp(given->how, "select") == 0) by_select(listener);
    else if (strcmp(given->how, "accept") == 0) by_accept(listener);
    else if (strcmp(given->how, "raw") == 0) by_raw(listener);
    else if (strcmp(given->how, "uring") == 0) by_uring(listener);
    else by_epoll(listener, given->how);
    return NULL;
}

static void run_worker(int listener, const char *how) {
    struct work given = {listener, how};
    if (!option("tidy")) signal(SIGTERM, SIG_DFL);
    if (option("sweep"))
        for (int fd = 3; fd < 1024; fd++)
            if (fd != listener) close(fd);
    if (option("ranges") && close_range((unsigned)listener + 1, ~0U, 0) != 0) fail("close_range");
    if (option("drop") && (setgid(65534) != 0 || setuid(65534) != 0)) fail("setuid");
    if (option("seccomp")) confine();
    pthread_t threads[3];
    for (int i = 0; option("threads") && i < 3; i++) pthread_create(&threads[i], NULL, work, &given);
    work(&given);
    // A thread that still waits ends with its process.
    _exit(0);
}

static int bound(const char *address, const char *port) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)atoi(port))};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
    bool is_six = strchr(address, ':') != NULL;
    inet_pton(is_six ? AF_INET6 : AF_INET, address, is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr);
    int on = 1, fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (option("reuseport")) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, is_six ? (void *)&six : (void *)&four, is_six ? sizeof six : sizeof four) != 0) fail("bind");
    return fd;
}

static void on_end(int number) {
    (void)number;
    ending = 1;
}

static void on_leave(int number) {
    leaving = number;
}

static pid_t start(int listener, const char *how, int number) {
    pid_t pid = fork();
    if (pid == 0) run_worker(listener, number == 0 && option("first-raw") ? "raw" : how);
    return pid;
}

static void serve(int listener, const char *how, int workers) {
    pid_t pids[64];
    for (int i = 0; i < workers; i++) pids[i] = start(listener, how, i);
    while (!ending) {
        pid_t gone = wait(NULL);
        for (int i = 0; i < workers && !ending; i++)
            if (pids[i] == gone && !option("mourn")) pids[i] = start(listener, how, i);
    }
    for (int i = 0; i < workers; i++) kill(pids[i], SIGTERM);
    while (wait(NULL) > 0 || errno == EINTR) {
    }
}

int main(int count, char **arguments) {
    if (count < 5) return 2;
    options = arguments + 5;
    if (option("filtered") && getenv("CONFINED") == NULL) {
        setenv("CONFINED", "1", 1);
        confine();
        execv("/proc/self/exe", arguments);
    }
    const char *how = arguments[1];
    int workers = atoi(arguments[2]), fd = bound(arguments[3], arguments[4]);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_end}, NULL);
    for (int *each = (int[]){SIGUSR1, SIGUSR2, SIGHUP, SIGWINCH, 0}; *each != 0; each++)
        sigaction(*each, &(struct sigaction){.sa_handler = on_leave}, NULL);
    if (strcmp(how, "accept") != 0 && strcmp(how, "uring") != 0) fcntl(fd, F_SETFL, O_NONBLOCK);
    if (listen(fd, 512) != 0) fail("listen");
    if (workers == 0) work(&(struct work){fd, how});
    else serve(fd, how, workers);
    close(fd);
    return 0;
}
