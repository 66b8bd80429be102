/*
 * What becomes of a ring in a process that has no descriptors left: RLIMIT_NOFILE is raised one by one, until create,
 * handshake and join have found all they need. Each that fails must say so with the right status, hand out nothing, and
 * leave as many descriptors open as there were. Then the same for room to map a ring into. Prints the statuses in the
 * order in which they came.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zbq.h"

enum { MOST = 64, LARGE_RING = 64 * 1024 * 1024 };

static int wrong;

#define EXPECT(condition)                                                           \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            wrong = 1;                                                              \
        }                                                                           \
    } while (0)

static void limit(rlim_t descriptors)
{
    struct rlimit now;
    EXPECT(getrlimit(RLIMIT_NOFILE, &now) == 0);
    now.rlim_cur = descriptors;
    EXPECT(setrlimit(RLIMIT_NOFILE, &now) == 0);
}

static int count_open(void)
{
    limit(1024);
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    EXPECT(directory != NULL && closedir(directory) == 0);
    return count;
}

/* The lowest number that is free: with a limit of it nothing can be opened. */
static int first_free(void)
{
    limit(1024);
    int fd = dup(0);
    EXPECT(fd >= 0 && close(fd) == 0);
    return fd;
}

static zbq_producer *create(void)
{
    zbq_producer_params params = {.ring_capacity = 4096, .clog_threshold = 1, .max_consumers = 2};
    zbq_producer *producer = NULL;
    int status = ZBQ_ERROR_IO;
    for (int more = 0; more < MOST && status != ZBQ_OK; more++) {
        int before = count_open();
        limit((rlim_t)(first_free() + more));
        producer = (zbq_producer *)&params;
        status = zbq_producer_create(&producer, &params);
        printf("create %d\n", status);
        if (status != ZBQ_OK) {
            EXPECT(producer == NULL);
            EXPECT(count_open() == before);
        }
    }
    return producer;
}

static void handshake(zbq_producer *producer, int connection)
{
    int status = ZBQ_ERROR_IO;
    for (int more = 0; more < MOST && status != ZBQ_OK; more++) {
        int before = count_open();
        uint32_t slot = 77;
        limit((rlim_t)(first_free() + more));
        status = zbq_producer_handshake(producer, connection, ZBQ_WAKEUP_PUSH, &slot);
        printf("handshake %d\n", status);
        EXPECT(slot == (status == ZBQ_OK ? 0 : 77));
        if (status != ZBQ_OK)
            EXPECT(count_open() == before);
    }
}

/* A message that could not be received whole is lost, so each try needs another. */
static zbq_consumer *join(zbq_producer *producer)
{
    zbq_consumer *consumer = NULL;
    int status = ZBQ_ERROR_IO;
    for (int more = 0; more < MOST && status != ZBQ_OK; more++) {
        int pair[2];
        uint32_t slot;
        limit(1024);
        EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
        EXPECT(zbq_producer_handshake(producer, pair[0], ZBQ_WAKEUP_PUSH, &slot) == ZBQ_OK);
        int before = count_open();
        limit((rlim_t)(first_free() + more));
        consumer = (zbq_consumer *)&slot;
        status = zbq_consumer_join(pair[1], ZBQ_WAKEUP_PUSH, &consumer);
        printf("join %d\n", status);
        if (status != ZBQ_OK) {
            EXPECT(consumer == NULL);
            EXPECT(count_open() == before);
        }
        limit(1024);
        close(pair[0]);
        close(pair[1]);
        EXPECT(zbq_producer_scan(producer) == ZBQ_OK);
    }
    return consumer;
}

static void limit_memory(rlim_t bytes)
{
    struct rlimit now;
    EXPECT(getrlimit(RLIMIT_AS, &now) == 0);
    now.rlim_cur = bytes;
    EXPECT(setrlimit(RLIMIT_AS, &now) == 0);
}

/* Some room for whatever, but none for another ring of this size. */
static void limit_memory_to_less_than_a_ring(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    EXPECT(file != NULL && fscanf(file, "%ld", &pages) == 1 && fclose(file) == 0);
    limit_memory((rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + LARGE_RING / 2);
}

static void without_room(void)
{
    zbq_producer_params params = {.ring_capacity = LARGE_RING, .clog_threshold = 1, .max_consumers = 1};
    zbq_producer *producer, *second;
    zbq_consumer *consumer = (zbq_consumer *)&params;
    uint32_t slot;
    int pair[2];
    EXPECT(zbq_producer_create(&producer, &params) == ZBQ_OK);
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    EXPECT(zbq_producer_handshake(producer, pair[0], ZBQ_WAKEUP_PULL, &slot) == ZBQ_OK);
    int before = count_open();

    limit_memory_to_less_than_a_ring();
    int created = zbq_producer_create(&second, &params);
    int joined = zbq_consumer_join(pair[1], ZBQ_WAKEUP_PULL, &consumer);
    limit_memory(RLIM_INFINITY);
    printf("create without room %d\njoin without room %d\n", created, joined);
    EXPECT(created == ZBQ_ERROR_NOMEM && second == NULL);
    EXPECT(joined == ZBQ_ERROR_NOMEM && consumer == NULL);
    EXPECT(count_open() == before);
    zbq_producer_destroy(producer);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    /* What the library opens at its first use, and keeps, is none of the matter. */
    zbq_producer_params params = {.ring_capacity = 4096, .clog_threshold = 1, .max_consumers = 1};
    zbq_producer *first;
    EXPECT(zbq_producer_create(&first, &params) == ZBQ_OK);
    zbq_producer_destroy(first);

    int open = count_open();
    zbq_producer *producer = create();
    int pair[2];
    limit(1024);
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    handshake(producer, pair[0]);
    limit(1024);
    zbq_consumer *consumer;
    EXPECT(zbq_consumer_join(pair[1], ZBQ_WAKEUP_PUSH, &consumer) == ZBQ_OK);
    zbq_consumer *second = join(producer);
    limit(1024);
    zbq_consumer_destroy(consumer);
    zbq_consumer_destroy(second);
    zbq_producer_destroy(producer);
    close(pair[0]);
    close(pair[1]);
    without_room();
    EXPECT(count_open() == open);
    return wrong;
}
