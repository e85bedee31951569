// client ADDRESS PORT CPU PARALLEL COUNT [SECONDS]: pinned to a CPU, asks COUNT times (or for SECONDS, if COUNT is 0) for "/",
// one connection a question, PARALLEL of them at a time. Prints as JSON how they ended, and how often which text came back.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PARALLEL = 4096, MAX_TEXTS = 512, PATIENCE_MS = 5000 };

struct connection {
    int fd;
    bool asked;
    long long since;
    size_t length;
    char text[2048];
};

static struct connection connections[MAX_PARALLEL];
static struct sockaddr_storage address;
static socklen_t address_length;
static int epoll;
static long begun, ended, ok, refused, reset, empty, late;
static struct {
    char text[128];
    long count;
} texts[MAX_TEXTS];

static const char QUESTION[] = "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void count_text(const char *text) {
    for (int i = 0; i < MAX_TEXTS; i++) {
        if (texts[i].count != 0 && strcmp(texts[i].text, text) != 0) continue;
        snprintf(texts[i].text, sizeof texts[i].text, "%s", text);
        texts[i].count++;
        return;
    }
}

static void finish(struct connection *connection, long *how) {
    if (how == &ok) {
        char *body = strstr(connection->text, "\r\n\r\n");
        if (body == NULL || strstr(connection->text, " 200 ") == NULL) how = &empty;
        else count_text(body + 4);
    }
    ++*how;
    ended++;
    close(connection->fd);
    connection->fd = -1;
}

static void start(struct connection *connection) {
    *connection = (struct connection){.since = now_ms()};
    connection->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    begun++;
    bool failed = connection->fd < 0 ||
                  (connect(connection->fd, (struct sockaddr *)&address, address_length) != 0 && errno != EINPROGRESS);
    if (failed) {
        finish(connection, &refused);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
}

static void go_on(struct connection *connection) {
    if (!connection->asked) {
        if (send(connection->fd, QUESTION, sizeof QUESTION - 1, MSG_NOSIGNAL) < 0) {
            if (errno != EAGAIN && errno != ENOTCONN) finish(connection, errno == ECONNREFUSED ? &refused : &reset);
            return;
        }
        connection->asked = true;
    }
    for (;;) {
        size_t room = sizeof connection->text - 1 - connection->length;
        ssize_t got = recv(connection->fd, connection->text + connection->length, room, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got < 0) return finish(connection, errno == ECONNREFUSED ? &refused : &reset);
        if (got == 0) return finish(connection, connection->length == 0 ? &empty : &ok);
        connection->length += (size_t)got;
    }
}

static void parse(const char *text, const char *port) {
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
    in_port_t number = htons((in_port_t)atoi(port));
    if (strchr(text, ':') != NULL) {
        *six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = number};
        inet_pton(AF_INET6, text, &six->sin6_addr);
        address_length = sizeof *six;
    } else {
        *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = number};
        inet_pton(AF_INET, text, &four->sin_addr);
        address_length = sizeof *four;
    }
}

static void report(long long since) {
    printf("{\"ok\":%ld,\"refused\":%ld,\"reset\":%ld,\"empty\":%ld,\"late\":%ld,", ok, refused, reset, empty, late);
    printf("\"ms\":%lld,\"texts\":{", now_ms() - since);
    for (int i = 0; i < MAX_TEXTS && texts[i].count != 0; i++) {
        for (char *c = texts[i].text; *c != '\0'; c++)
            if (*c < ' ' || *c == '"' || *c == '\\') *c = ' ';
        printf("%s\"%s\":%ld", i == 0 ? "" : ",", texts[i].text, texts[i].count);
    }
    printf("}}\n");
}

int main(int count, char **arguments) {
    if (count < 6) return 2;
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    CPU_SET(atoi(arguments[3]), &cpu);
    if (sched_setaffinity(0, sizeof cpu, &cpu) != 0) return 3;
    parse(arguments[1], arguments[2]);
    int parallel = atoi(arguments[4]);
    if (parallel > MAX_PARALLEL) return 2;
    long wanted = atol(arguments[5]);
    long long since = now_ms(), until = since + (count > 6 ? atoll(arguments[6]) * 1000 : 3600000), looked = since;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < parallel; i++) connections[i].fd = -1;
    for (;;) {
        long long now = now_ms();
        bool more = now < until;
        if (!more && begun == ended) break;
        for (int i = 0; i < parallel; i++) {
            if (connections[i].fd < 0) {
                if (more && (wanted == 0 || begun < wanted)) start(&connections[i]);
            } else if (now - looked > 100 && now - connections[i].since > PATIENCE_MS) {
                finish(&connections[i], &late);
            }
        }
        if (now - looked > 100) looked = now;
        if (wanted != 0 && ended >= wanted) break;
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection->fd >= 0) go_on(connection);
        }
    }
    report(since);
    return 0;
}
