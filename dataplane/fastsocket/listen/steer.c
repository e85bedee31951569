#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <sys/utsname.h>

/*
 * Selection within a reuseport group follows SO_INCOMING_CPU from Linux 6.2 on (commit b261eda84ec1). Before that, and where
 * net.ipv4.tcp_migrate_req does not move what waits in a queue that is shut, an eBPF program does it: it picks the receiving
 * CPU's queue from an array of sockets, and leaves all else to the kernel's hash. From a socket array a socket that closes
 * vanishes by itself, where a plain index would point at its successor in the group.
 */

static long bpf(int command, union bpf_attr *attributes) {
    return syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static bool follows_incoming_cpu(void) {
    struct utsname names;
    int major = 0, minor = 0;
    return uname(&names) == 0 && sscanf(names.release, "%d.%d", &major, &minor) == 2 &&
           (major > 6 || (major == 6 && minor >= 2));
}

static int make_array(const struct listener *listener) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY;
    attributes.key_size = sizeof(uint32_t);
    attributes.value_size = sizeof(uint64_t);
    attributes.max_entries = (uint32_t)listener->queue[listener->queues - 1].cpu + 1;
    return (int)bpf(BPF_MAP_CREATE, &attributes);
}

#define INSTRUCTION(operation, to, from, distance, value) \
    {.code = (operation), .dst_reg = (to), .src_reg = (from), .off = (distance), .imm = (value)}

static int load_program(int array, uint32_t attachment) {
    const struct bpf_insn program[] = {
        INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0),
        INSTRUCTION(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_smp_processor_id),
        INSTRUCTION(BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_REG_0, -4, 0),
        INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_6, 0, 0),
        INSTRUCTION(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, array),
        INSTRUCTION(0, 0, 0, 0, 0),
        INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0),
        INSTRUCTION(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, -4),
        INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, 0),
        INSTRUCTION(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_sk_select_reuseport),
        INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, SK_PASS),
        INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_SK_REUSEPORT;
    attributes.expected_attach_type = attachment;
    attributes.insns = (uint64_t)(uintptr_t)program;
    attributes.insn_cnt = sizeof program / sizeof program[0];
    attributes.license = (uint64_t)(uintptr_t) "MIT";
    return (int)bpf(BPF_PROG_LOAD, &attributes);
}

static bool attach(int original, int program) {
    bool attached =
        REAL(setsockopt)(original, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &program, sizeof program) == 0;
    REAL(close)(program);
    return attached;
}

/* Linux 5.14 and later let the program move connections over from a queue that is shut, whatever the sysctl says. */
static bool attach_program(struct listener *listener, int original) {
    int program = load_program(listener->array, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE);
    if (program >= 0 && attach(original, program)) {
        listener->migrates = true;
        return true;
    }
    program = load_program(listener->array, 0);
    return program >= 0 && attach(original, program);
}

/* Whether the queues are to say which CPU is theirs: not where the array alone is to be seen at work. */
bool steer_by_cpu(void) {
    return process.steering != STEER_BY_ARRAY;
}

/* Brings steering about where SO_INCOMING_CPU does not suffice; without the privilege for it the kernel's hash remains. */
void steer_prepare(struct listener *listener, int original) {
    bool needed = process.steering == STEER_BY_ARRAY || !follows_incoming_cpu() || !listener->migrates;
    if (!needed || process.filtered || process.steering == STEER_BY_SOCKETS) return;
    listener->array = high(make_array(listener));
    if (listener->array >= 0 && attach_program(listener, original)) {
        say("connections are steered by an array of sockets");
        return;
    }
    if (listener->array >= 0) REAL(close)(listener->array);
    listener->array = -1;
}

/* A queue that listens now gets its CPU's connections. Linux before 5.19 may refuse it to unprivileged workers. */
void steer_to(const struct listener *listener, int queue) {
    if (listener->array < 0) return;
    uint32_t cpu = (uint32_t)listener->queue[queue].cpu;
    uint64_t socket = (uint64_t)listener->queue[queue].fd;
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_fd = (uint32_t)listener->array;
    attributes.key = (uint64_t)(uintptr_t)&cpu;
    attributes.value = (uint64_t)(uintptr_t)&socket;
    if (bpf(BPF_MAP_UPDATE_ELEM, &attributes) != 0) say("CPU %u is left to the kernel's hash", cpu);
}
