#define _GNU_SOURCE
#include "listener.h"
#include "real.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

struct option {
    int level, name;
};

/*
 * What accepted connections inherit, or what decides which connections arrive. Each is set only where it differs from a new
 * socket's: setting a buffer's size, even to what it is, ends the kernel's own sizing of it.
 */
static const struct option OPTIONS[] = {
    {SOL_SOCKET, SO_REUSEADDR},      {SOL_SOCKET, SO_KEEPALIVE},        {SOL_SOCKET, SO_LINGER},
    {SOL_SOCKET, SO_OOBINLINE},      {SOL_SOCKET, SO_PRIORITY},         {SOL_SOCKET, SO_MARK},
    {SOL_SOCKET, SO_BINDTODEVICE},   {SOL_SOCKET, SO_RCVLOWAT},         {SOL_SOCKET, SO_RCVTIMEO},
    {SOL_SOCKET, SO_SNDTIMEO},       {SOL_SOCKET, SO_BUSY_POLL},        {SOL_SOCKET, SO_TIMESTAMP},
    {SOL_SOCKET, SO_DONTROUTE},      {SOL_SOCKET, SO_MAX_PACING_RATE},  {SOL_SOCKET, SO_ZEROCOPY},
    {SOL_SOCKET, SO_PREFER_BUSY_POLL},
    {IPPROTO_TCP, TCP_NODELAY},      {IPPROTO_TCP, TCP_CORK},           {IPPROTO_TCP, TCP_DEFER_ACCEPT},
    {IPPROTO_TCP, TCP_KEEPIDLE},     {IPPROTO_TCP, TCP_KEEPINTVL},      {IPPROTO_TCP, TCP_KEEPCNT},
    {IPPROTO_TCP, TCP_USER_TIMEOUT}, {IPPROTO_TCP, TCP_MAXSEG},         {IPPROTO_TCP, TCP_CONGESTION},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP}, {IPPROTO_TCP, TCP_NOTSENT_LOWAT},  {IPPROTO_TCP, TCP_SYNCNT},
    {IPPROTO_TCP, TCP_LINGER2},      {IPPROTO_TCP, TCP_FASTOPEN},       {IPPROTO_TCP, TCP_SAVE_SYN},
    {IPPROTO_TCP, TCP_QUICKACK},     {IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS},
    {IPPROTO_IP, IP_TOS},            {IPPROTO_IP, IP_TTL},              {IPPROTO_IP, IP_MINTTL},
    {IPPROTO_IP, IP_FREEBIND},       {IPPROTO_IP, IP_TRANSPARENT},      {IPPROTO_IP, IP_MTU_DISCOVER},
    {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT},
    {IPPROTO_IPV6, IPV6_V6ONLY},     {IPPROTO_IPV6, IPV6_TCLASS},       {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, IPV6_FREEBIND},   {IPPROTO_IPV6, IPV6_TRANSPARENT},  {IPPROTO_IPV6, IPV6_MTU_DISCOVER},
    {IPPROTO_IPV6, IPV6_AUTOFLOWLABEL},
};

struct value {
    char bytes[64];
    socklen_t length;
};

static bool read_option(int fd, struct option option, struct value *value) {
    memset(value, 0, sizeof *value);
    value->length = sizeof value->bytes;
    return getsockopt(fd, option.level, option.name, value->bytes, &value->length) == 0;
}

static bool same(const struct value *one, const struct value *other) {
    return one->length == other->length && memcmp(one->bytes, other->bytes, one->length) == 0;
}

static bool copy_option(int from, int to, struct option option) {
    struct value wanted, held;
    if (!read_option(from, option, &wanted) || !read_option(to, option, &held) || same(&wanted, &held)) return true;
    if (REAL(setsockopt)(to, option.level, option.name, wanted.bytes, wanted.length) == 0) return true;
    say("option %d of level %d cannot be set on another socket", option.name, option.level);
    return false;
}

/* The kernel doubles a buffer's size as it is set, and caps it for all but privileged programs. */
static bool copy_buffer(int from, int to, int name, int forced) {
    int wanted = 0, held = 0;
    socklen_t length = sizeof wanted;
    getsockopt(from, SOL_SOCKET, name, &wanted, &length);
    getsockopt(to, SOL_SOCKET, name, &held, &length);
    if (wanted == held) return true;
    int half = wanted / 2;
    REAL(setsockopt)(to, SOL_SOCKET, name, &half, sizeof half);
    getsockopt(to, SOL_SOCKET, name, &held, &length);
    return wanted == held || REAL(setsockopt)(to, SOL_SOCKET, forced, &half, sizeof half) == 0;
}

/* Gives a new socket what the program has set on its own; false where it cannot be the same. */
bool options_copy(int from, int to, int domain) {
    for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++) {
        if (OPTIONS[i].level == IPPROTO_IPV6 && domain != AF_INET6) continue;
        if (!copy_option(from, to, OPTIONS[i])) return false;
    }
    return copy_buffer(from, to, SO_RCVBUF, SO_RCVBUFFORCE) && copy_buffer(from, to, SO_SNDBUF, SO_SNDBUFFORCE);
}
