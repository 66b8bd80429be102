/*
 * Writes numbered messages into a ring, for one consumer that connects to a Unix socket.
 *
 *   ring_producer PATH [COUNT]        listens at PATH; COUNT messages, 1000 if not said
 *
 * Message N has the number N, eight bytes, and then the text "message N". Every hundredth carries a descriptor: the
 * reading end of a pipe that holds "descriptor N". An empty message is the end. Meanwhile `ring_consumer PATH` reads.
 * How it is built is in README.md.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "zbq.h"

enum { RING_BYTES = 64 * 1024, DESCRIPTOR_EVERY = 100 };

static void fail(const char *what)
{
    fprintf(stderr, "ring_producer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void check(int status, const char *call)
{
    if (status != ZBQ_OK) {
        fprintf(stderr, "ring_producer: %s answered %d\n", call, status);
        exit(1);
    }
}

/* Waits for a consumer to connect, and returns the connection. */
static int accept_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail(path);
    }
    strcpy(address.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0)
        fail(path);

    puts("listening");
    fflush(stdout);
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
        fail("accept4");
    close(listener);
    unlink(path);
    return connection;
}

/*
 * Room for a message of so many bytes. There is none while the consumer has that much to read; then we look again, a
 * little later. A consumer that is gone or hangs is evicted by these looks, and takes no room any more.
 */
static zbq_contiguous_run reserve(zbq_producer *producer, uint64_t bytes)
{
    static const struct timespec pause = {.tv_nsec = 50 * 1000};
    for (;;) {
        /* zbq_producer_query would do, too, if every message fitted before the physical end of the ring. */
        zbq_contiguous_run run = zbq_producer_reserve(producer, bytes);
        if (run.max_bytes > 0)
            return run;
        nanosleep(&pause, NULL);
    }
}

/* A pipe that holds a text and whose writing end is closed. */
static int pipe_with(const char *text)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 || write(ends[1], text, strlen(text)) != (ssize_t)strlen(text))
        fail("pipe2");
    close(ends[1]);
    return ends[0];
}

/* Sends a descriptor ahead of its message: then it is there when the message is seen. */
static void attach(zbq_producer *producer, zbq_msg_header *header, uint64_t number)
{
    char text[64];
    snprintf(text, sizeof text, "descriptor %" PRIu64, number);
    int fd = pipe_with(text);
    header->fd_count = 1;
    header->seq_id = zbq_producer_next_seq_id(producer);
    check(zbq_producer_broadcast_fds(producer, header->seq_id, &fd, 1), "zbq_producer_broadcast_fds");
    close(fd); /* ours; the consumer gets its own */
}

static void send_message(zbq_producer *producer, const void *payload, uint32_t payload_bytes, uint64_t number)
{
    /* Every message begins at a multiple of 16, so what is committed is a multiple of 16. */
    uint64_t bytes = (sizeof(zbq_msg_header) + payload_bytes + ZBQ_MSG_ALIGN - 1) & ~(uint64_t)(ZBQ_MSG_ALIGN - 1);
    zbq_contiguous_run run = reserve(producer, bytes);

    /* The consumer sees nothing of this before the commit. */
    zbq_msg_header header = {.payload_len = payload_bytes};
    if (number > 0 && number % DESCRIPTOR_EVERY == 0)
        attach(producer, &header, number);
    memcpy(run.base, &header, sizeof header);
    memcpy((char *)run.base + sizeof header, payload, payload_bytes);
    if (!zbq_producer_commit(producer, bytes, ZBQ_COMMIT_NONE)) {
        fprintf(stderr, "ring_producer: message %" PRIu64 " was not committed\n", number);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: ring_producer PATH [COUNT]\n");
        return 2;
    }
    uint64_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 1000;

    zbq_producer_params params = {
        .ring_capacity = RING_BYTES,
        .clog_threshold = 100,
        .stall_timeout_ns = 10u * 1000 * 1000 * 1000,
        .max_consumers = 4,
    };
    zbq_producer *producer;
    check(zbq_producer_create(&producer, &params), "zbq_producer_create");

    int connection = accept_at(argv[1]);
    uint32_t slot;
    check(zbq_producer_handshake(producer, connection, ZBQ_WAKEUP_PUSH, &slot), "zbq_producer_handshake");
    close(connection);
    printf("consumer in slot %" PRIu32 "\n", slot);

    for (uint64_t number = 1; number <= count; number++) {
        char payload[64];
        memcpy(payload, &number, sizeof number);
        int text = snprintf(payload + sizeof number, sizeof payload - sizeof number, "message %" PRIu64, number);
        send_message(producer, payload, (uint32_t)sizeof number + (uint32_t)text, number);
    }
    send_message(producer, "", 0, 0);

    /* What is committed can be read to its end also when the producer is gone. */
    zbq_producer_destroy(producer);
    printf("sent %" PRIu64 " messages, %" PRIu64 " descriptors\n", count, count / DESCRIPTOR_EVERY);
    return 0;
}
