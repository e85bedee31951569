// Accepts through io_uring by bare system calls: nothing of it passes through the C library.
#include "server.h"
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
    int fd;
    char *submissions, *completions;
    struct io_uring_sqe *entries;
    struct io_uring_params parameters;
};

static void *map(const struct ring *ring, size_t size, off_t place) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, place);
    if (memory == MAP_FAILED) {
        perror("mmap of the ring");
        exit(1);
    }
    return memory;
}

static struct ring made(void) {
    struct ring ring;
    memset(&ring, 0, sizeof ring);
    ring.fd = (int)syscall(SYS_io_uring_setup, 4, &ring.parameters);
    if (ring.fd < 0) {
        perror("io_uring_setup");
        exit(1);
    }
    const struct io_uring_params *p = &ring.parameters;
    ring.submissions = map(&ring, p->sq_off.array + p->sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
    ring.completions = map(&ring, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
    ring.entries = map(&ring, p->sq_entries * sizeof *ring.entries, IORING_OFF_SQES);
    return ring;
}

static void submit(struct ring *ring, int listener) {
    const struct io_sqring_offsets *at = &ring->parameters.sq_off;
    _Atomic uint32_t *tail = (void *)(ring->submissions + at->tail);
    uint32_t slot = *tail & *(uint32_t *)(void *)(ring->submissions + at->ring_mask);
    ring->entries[slot] = (struct io_uring_sqe){.opcode = IORING_OP_ACCEPT, .fd = listener};
    ((uint32_t *)(void *)(ring->submissions + at->array))[slot] = slot;
    *tail = *tail + 1;
}

static int completed(struct ring *ring) {
    const struct io_cqring_offsets *at = &ring->parameters.cq_off;
    _Atomic uint32_t *head = (void *)(ring->completions + at->head), *tail = (void *)(ring->completions + at->tail);
    if (*head == *tail) return -1;
    uint32_t slot = *head & *(uint32_t *)(void *)(ring->completions + at->ring_mask);
    int result = ((struct io_uring_cqe *)(void *)(ring->completions + at->cqes))[slot].res;
    *head = *head + 1;
    return result;
}

void by_uring(int listener) {
    struct ring ring = made();
    for (;;) {
        submit(&ring, listener);
        syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
        int fd = completed(&ring);
        if (fd >= 0) answer(fd);
    }
}
