/*
 * Reads what a producer such as ring_producer writes into a ring, and checks it.
 *
 *   ring_consumer PATH                connects to the Unix socket at PATH, where the producer listens
 *
 * Prints what every descriptor held, and at the end how much came. The status is 0 if every number came once and in
 * order, and every text was as it should be. How it is built is in README.md.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "zbq.h"

static uint64_t messages, descriptors;

static void fail(const char *what)
{
    fprintf(stderr, "ring_consumer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void check(int status, const char *call)
{
    if (status != ZBQ_OK) {
        fprintf(stderr, "ring_consumer: %s answered %d\n", call, status);
        exit(1);
    }
}

static void expect(const char *got, size_t got_bytes, const char *expected)
{
    if (got_bytes != strlen(expected) || memcmp(got, expected, got_bytes) != 0) {
        fprintf(stderr, "ring_consumer: expected \"%s\", got \"%.*s\"\n", expected, (int)got_bytes, got);
        exit(1);
    }
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail(path);
    }
    strcpy(address.sun_path, path);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        fail(path);
    return connection;
}

/* The descriptors were sent before the message was committed: they are there, and are ours to close. */
static void read_descriptors(zbq_consumer *consumer, const zbq_msg_header *header, uint64_t number)
{
    int fds[ZBQ_MAX_FD_PER_MSG];
    uint8_t count;
    check(zbq_consumer_recv_fds(consumer, header->seq_id, fds, &count), "zbq_consumer_recv_fds");
    if (count != header->fd_count) {
        fprintf(stderr, "ring_consumer: %d descriptors came, %d were announced\n", count, header->fd_count);
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        char text[256], expected[64];
        ssize_t bytes = read(fds[i], text, sizeof text);
        if (bytes < 0)
            fail("read");
        snprintf(expected, sizeof expected, "descriptor %" PRIu64, number);
        expect(text, (size_t)bytes, expected);
        printf("message %" PRIu64 " came with \"%.*s\"\n", number, (int)bytes, text);
        close(fds[i]);
        descriptors++;
    }
}

static void read_message(zbq_consumer *consumer, const zbq_msg_view *view)
{
    uint64_t number;
    char expected[64];
    if (view->payload_len < sizeof number) {
        fprintf(stderr, "ring_consumer: a message of %" PRIu64 " bytes\n", view->payload_len);
        exit(1);
    }
    memcpy(&number, view->payload, sizeof number);
    if (number != messages + 1) {
        fprintf(stderr, "ring_consumer: message %" PRIu64 " after %" PRIu64 "\n", number, messages);
        exit(1);
    }
    snprintf(expected, sizeof expected, "message %" PRIu64, number);
    expect((const char *)view->payload + sizeof number, view->payload_len - sizeof number, expected);
    if (view->header->fd_count > 0)
        read_descriptors(consumer, view->header, number);
    messages++;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: ring_consumer PATH\n");
        return 2;
    }
    int connection = connect_to(argv[1]);
    zbq_consumer *consumer;
    check(zbq_consumer_join(connection, ZBQ_WAKEUP_PUSH, &consumer), "zbq_consumer_join");
    close(connection);

    for (bool is_end = false; !is_end;) {
        /* The token first: what is committed from here on has changed it, and then the wait below does not sleep. */
        uint32_t token = zbq_consumer_get_futex_token(consumer);
        bool is_alive = zbq_consumer_is_producer_alive(consumer);
        zbq_msg_view view;
        int status = zbq_consumer_peek(consumer, &view);
        if (status == ZBQ_ERROR_AGAIN && !is_alive) {
            fprintf(stderr, "ring_consumer: the producer ended without an end\n");
            return 1;
        }
        if (status == ZBQ_ERROR_AGAIN) {
            zbq_consumer_wait_broadcast(consumer, token);
            continue;
        }
        check(status, "zbq_consumer_peek");

        is_end = view.payload_len == 0;
        if (!is_end)
            read_message(consumer, &view);
        /* From here on the producer may write where the view points to. */
        zbq_consumer_publish(consumer, view.logical_offset + view.total_len);
    }

    zbq_consumer_destroy(consumer);
    printf("received %" PRIu64 " messages, %" PRIu64 " descriptors\n", messages, descriptors);
    return 0;
}
