/*
 * What one call of each function that is called for every message costs: its name and nanoseconds, a line each, the
 * least of several rounds. The consumer is in this process, and awake. What the calls answer is checked; the status is
 * 0 if it was right.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "zbq.h"

enum { CALLS = 100 * 1000, MESSAGES = 2048, ROUNDS = 100, MESSAGE_BYTES = 64, RING_BYTES = 256 * 1024, BATCH = 16 };

static volatile uint64_t sink;
static int wrong;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

/* One line per function: the least nanoseconds a call took in ROUNDS rounds of CALLS calls. */
#define TIME(name, call)                               \
    do {                                               \
        double fastest = 1e9;                          \
        for (int round = 0; round < ROUNDS; round++) { \
            double start = now();                      \
            for (int i = 0; i < CALLS; i++) {          \
                call;                                  \
            }                                          \
            double each = (now() - start) / CALLS;     \
            fastest = each < fastest ? each : fastest; \
        }                                              \
        printf("%-32s %6.1f\n", name, fastest);        \
    } while (0)

#define EXPECT(condition)                                                            \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
            wrong = 1;                                                               \
        }                                                                            \
    } while (0)

static void write_message(zbq_contiguous_run run)
{
    zbq_msg_header header = {.payload_len = MESSAGE_BYTES - sizeof(zbq_msg_header)};
    memcpy(run.base, &header, sizeof header);
}

static double least(double *times, int stride)
{
    double result = 1e9;
    for (int round = 0; round < ROUNDS; round++)
        result = times[round * stride] < result ? times[round * stride] : result;
    return result;
}

/* Phase by phase, so many messages at a time that ring and messages stay in the cache. */
static void time_messages(zbq_producer *producer, zbq_consumer *consumer, const char *mode)
{
    enum { PHASES = 5 };
    static double each[ROUNDS][PHASES];
    zbq_msg_view views[BATCH];
    for (int round = 0; round < ROUNDS; round++) {
        double times[PHASES + 1] = {now()};
        for (int i = 0; i < MESSAGES; i++)
            sink = zbq_producer_query(producer).max_bytes;
        times[1] = now();
        for (int i = 0; i < MESSAGES; i++) {
            write_message(zbq_producer_query(producer));
            EXPECT(zbq_producer_commit(producer, MESSAGE_BYTES, ZBQ_COMMIT_NONE));
        }
        times[2] = now();
        for (int i = 0; i < MESSAGES; i++)
            EXPECT(zbq_consumer_peek(consumer, views) == ZBQ_OK);
        times[3] = now();
        uint64_t tail = zbq_consumer_tail(consumer);
        for (int i = 0; i < MESSAGES / 2; i++)
            zbq_consumer_publish(consumer, tail += MESSAGE_BYTES);
        times[4] = now();
        for (int i = 0; i < MESSAGES / 2; i += BATCH) {
            uint32_t count;
            EXPECT(zbq_consumer_peek_batch(consumer, views, BATCH, &count) == ZBQ_OK && count == BATCH);
            zbq_consumer_publish(consumer, views[count - 1].logical_offset + views[count - 1].total_len);
        }
        times[5] = now();
        EXPECT(zbq_consumer_tail(consumer) == zbq_consumer_acquire_head(consumer));
        for (int i = 0; i < PHASES; i++)
            each[round][i] = (times[i + 1] - times[i]) / (i < 3 ? MESSAGES : MESSAGES / 2);
    }
    double query = least(&each[0][0], PHASES);
    printf("%-32s %6.1f\n", "zbq_producer_query", query);
    printf("zbq_producer_commit (%s)       %6.1f\n", mode, least(&each[0][1], PHASES) - query);
    printf("%-32s %6.1f\n", "zbq_consumer_peek", least(&each[0][2], PHASES));
    printf("%-32s %6.1f\n", "zbq_consumer_publish", least(&each[0][3], PHASES));
    printf("peek_batch and publish, of %d    %6.1f\n", BATCH, least(&each[0][4], PHASES));
}

static void time_all(zbq_wakeup_mode mode)
{
    zbq_producer_params params = {.ring_capacity = RING_BYTES, .clog_threshold = 1, .max_consumers = 1};
    zbq_producer *producer;
    zbq_consumer *consumer;
    uint32_t slot;
    int pair[2];
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    EXPECT(zbq_producer_create(&producer, &params) == ZBQ_OK);
    EXPECT(zbq_producer_handshake(producer, pair[0], mode, &slot) == ZBQ_OK);
    EXPECT(zbq_consumer_join(pair[1], mode, &consumer) == ZBQ_OK);
    if (wrong)
        return;

    time_messages(producer, consumer, mode == ZBQ_WAKEUP_PUSH ? "push" : "pull");
    if (mode == ZBQ_WAKEUP_PUSH) {
        TIME("zbq_producer_next_seq_id", sink = zbq_producer_next_seq_id(producer));
        TIME("zbq_consumer_acquire_head", sink = zbq_consumer_acquire_head(consumer));
        TIME("zbq_consumer_tail", sink = zbq_consumer_tail(consumer));
        TIME("zbq_consumer_get_futex_token", sink = zbq_consumer_get_futex_token(consumer));
        TIME("zbq_consumer_evicted", sink = (uint64_t)zbq_consumer_evicted(consumer));
    }
    zbq_consumer_destroy(consumer);
    zbq_producer_destroy(producer);
}

int main(void)
{
    time_all(ZBQ_WAKEUP_PULL);
    time_all(ZBQ_WAKEUP_PUSH);
    return wrong;
}
