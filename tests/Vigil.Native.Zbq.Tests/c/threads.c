/*
 * Threads of a C program that come and go: each makes a ring, joins it, sends and reads through it, and ends both, as
 * often as it is told. Handles must not get mixed up, and nothing may be left open. A signal ends a sleep early.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zbq.h"

enum { GENERATIONS = 50, THREADS = 4, ROUNDS = 10, MESSAGES = 100 };

static atomic_int wrong;

#define EXPECT(condition)                                                           \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            wrong = 1;                                                              \
        }                                                                           \
    } while (0)

static int count_open(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    EXPECT(directory != NULL && closedir(directory) == 0);
    return count;
}

static void make_ring(zbq_producer **producer, zbq_consumer **consumer)
{
    zbq_producer_params params = {.ring_capacity = 4096, .clog_threshold = 1, .max_consumers = 1};
    uint32_t slot;
    int pair[2];
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    EXPECT(zbq_producer_create(producer, &params) == ZBQ_OK);
    EXPECT(zbq_producer_handshake(*producer, pair[0], ZBQ_WAKEUP_PUSH, &slot) == ZBQ_OK);
    EXPECT(zbq_consumer_join(pair[1], ZBQ_WAKEUP_PUSH, consumer) == ZBQ_OK);
    close(pair[0]);
    close(pair[1]);
}

static void *use_rings(void *number)
{
    uint64_t mine = (uint64_t)(uintptr_t)number;
    for (int round = 0; round < ROUNDS; round++) {
        zbq_producer *producer;
        zbq_consumer *consumer;
        make_ring(&producer, &consumer);
        for (int i = 0; i < MESSAGES; i++) {
            zbq_msg_header header = {.payload_len = sizeof mine};
            zbq_contiguous_run run = zbq_producer_query(producer);
            EXPECT(run.max_bytes >= 32);
            memcpy(run.base, &header, sizeof header);
            memcpy((char *)run.base + sizeof header, &mine, sizeof mine);
            EXPECT(zbq_producer_commit(producer, 32, ZBQ_COMMIT_NONE));

            zbq_msg_view view;
            EXPECT(zbq_consumer_peek(consumer, &view) == ZBQ_OK);
            EXPECT(memcmp(view.payload, &mine, sizeof mine) == 0);
            zbq_consumer_publish(consumer, view.logical_offset + view.total_len);
        }
        zbq_consumer_destroy(consumer);
        zbq_producer_destroy(producer);
    }
    return NULL;
}

static void ignore(int signal)
{
    (void)signal;
}

static atomic_bool is_awake;

static void *disturb(void *sleeper)
{
    while (!is_awake)
        pthread_kill(*(pthread_t *)sleeper, SIGUSR1);
    return NULL;
}

static void sleep_until_disturbed(void)
{
    zbq_producer *producer;
    zbq_consumer *consumer;
    make_ring(&producer, &consumer);
    struct sigaction action = {.sa_handler = ignore};
    EXPECT(sigaction(SIGUSR1, &action, NULL) == 0);
    pthread_t self = pthread_self(), other;
    EXPECT(pthread_create(&other, NULL, disturb, &self) == 0);
    /* A day, but for the signal. */
    int status = zbq_consumer_wait_broadcast_for(consumer, zbq_consumer_get_futex_token(consumer), 86400 * 1000);
    is_awake = true;
    EXPECT(pthread_join(other, NULL) == 0);
    EXPECT(status == ZBQ_ERROR_AGAIN);
    zbq_consumer_destroy(consumer);
    zbq_producer_destroy(producer);
}

int main(void)
{
    use_rings(NULL);
    int open = count_open();
    for (int generation = 0; generation < GENERATIONS; generation++) {
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            EXPECT(pthread_create(&threads[i], NULL, use_rings, (void *)(uintptr_t)(generation * THREADS + i)) == 0);
        for (int i = 0; i < THREADS; i++)
            EXPECT(pthread_join(threads[i], NULL) == 0);
    }
    sleep_until_disturbed();
    EXPECT(count_open() == open);
    return wrong;
}
