#ifndef LINERATE_LISTENER_H
#define LINERATE_LISTENER_H
/*
 * A listener is a listening socket of the program with the queues that go with it: one bound socket a CPU, which starts to
 * listen when a worker claims it. Before that the kernel sees one plain listening socket, so a program that never shares its
 * listener among processes never notices us, and neither does one whose workers accept in ways that we do not see.
 */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { MAX_LISTENERS = 64, MAX_QUEUES = 1024, MAX_EPOLLS = 64, MAX_CELLS = 1024, MAX_FDS = 65536 };

/* A process that accepts: the queue that it was given, and whether it claims it, that is, waits for its connections now. */
struct cell {
    uint64_t id; /* 0: free */
    pid_t pid;
    int queue;
    bool claims;
};

/* What all processes that share a listener know in common: it lies in memory that they share. */
struct family {
    pthread_mutex_t lock;
    pthread_mutex_t turn; /* who may take from a blocking original */
    uint64_t last;        /* the last cell id that was given */
    int cells;            /* how many cells have ever been used */
    int kept;             /* pidfds in flight */
    bool open[MAX_QUEUES];
    bool lingers[MAX_QUEUES]; /* claimed until a moment ago */
    struct cell cell[MAX_CELLS];
};

struct queue {
    int fd;
    int cpu;
    ino_t inode;
};

/* An epoll instance of the program that watches the listener. */
struct watcher {
    int fd;
    bool reads;
};

struct listener {
    bool used;
    int aliases; /* how many descriptors of the program lead to it */
    ino_t inode;
    int backlog;
    bool migrates; /* what waits in a queue that is shut moves over to another one */
    pid_t creator;
    unsigned forks_before;
    int queues;
    struct queue queue[MAX_QUEUES];
    int orphans; /* epoll shared by all processes: queues that nobody claims, and claimers' deaths */
    int keep[2]; /* socket pair whose buffer keeps the claimers' pidfds alive */
    int array;   /* of sockets, for an eBPF program; -1 where none is needed */
    int timer;   /* ends a queue's lingering */
    int bell;    /* eventfd: wakes the one process that waits for a second one */
    struct family *family;

    /* Of this process alone. */
    atomic_int mine;    /* epoll: what this process is to wait for besides the original; -1 before it has enrolled */
    atomic_int serving; /* the queue that it claims, -1 if none */
    int watched;        /* the queue that lies in `mine` */
    int cell;
    int life;           /* pipe whose closing tells of this process' death where there are no pidfds; else -1 */
    int waits; /* threads inside poll, select or a blocking accept */
    int watchers;
    struct watcher watcher[MAX_EPOLLS];
    atomic_uint turns;
};

/* Descriptors' meanings. */
enum mark { MARK_NONE, MARK_ALIAS, MARK_OWN, MARK_EPOLL };

enum steering { STEER_AS_NEEDED, STEER_BY_SOCKETS, STEER_BY_ARRAY };

struct process {
    pid_t pid;
    unsigned forks;
    enum steering steering;
    bool verbose, pins, pinned, threaded;
    bool filtered; /* under a seccomp filter from the start: only everyday system calls */
    bool confined; /* has confined itself since */
    cpu_set_t unpinned; /* where it might run before it was pinned */
    int cpu;            /* of the queues it claims; -1 before the first */
};

extern struct process process;
extern struct listener listeners[MAX_LISTENERS];

/* process.c */
void signals_block(sigset_t *before);
void gate_enter(sigset_t *before);
void gate_leave(const sigset_t *before);
bool process_known(void);
void process_pin(int cpu);
void process_unpin(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* descriptors.c */
enum mark mark_of(int fd);
void mark(int fd, enum mark kind, const struct listener *listener);
struct listener *listener_at(int fd);
struct listener *listener_checked(int fd);
int high(int fd);
void descriptor_gone(int fd);

/* open.c */
bool listener_eligible(int fd);
bool listener_open(int fd, int backlog);
void listener_forget(struct listener *listener);

/* options.c */
bool options_copy(int from, int to, int domain);

/* steer.c */
bool steer_by_cpu(void);
void steer_prepare(struct listener *listener, int original);
void steer_to(const struct listener *listener, int queue);

/* family.c */
struct family *family_create(void);
void family_lock(struct listener *listener);
void family_unlock(struct listener *listener);
int family_members(const struct listener *listener);
int family_claimers(const struct listener *listener, int queue);
int family_seats(const struct listener *listener, int queue);
int family_join(struct listener *listener, int queue);
void family_part(struct listener *listener, int cell);
void family_settle(struct listener *listener, int queue);
void family_expire(struct listener *listener);
bool family_is_queue(uint64_t event);
void family_note(struct listener *listener, uint64_t event);
void family_hear(struct listener *listener);

/* linger.c */
#define LINGER_EVENT (UINT64_C(1) << 62)
int linger_timer(void);
bool linger_watch(const struct listener *listener);
void linger(struct listener *listener, int queue);
void linger_end(struct listener *listener, int queue);
void linger_over(struct listener *listener);

/* claim.c */
bool worker_enrol(struct listener *listener);
void worker_settle(struct listener *listener, bool lingers);
void worker_leave(struct listener *listener);
void worker_move(struct listener *listener, int queue);
bool wait_begin(struct listener *listener);
void wait_end(struct listener *listener);

/* accept.c */
int accept_any(struct listener *listener, int fd, struct sockaddr *address, socklen_t *length, int flags);

#endif
