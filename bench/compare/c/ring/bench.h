/*
 * What the C programs of `bench/compare/run ring` share: clock, processors, messages that check themselves, and the
 * page through which the processes of one run report to their parent.
 */
#ifndef BENCH_H
#define BENCH_H

#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 16,
    STOP_PAYLOAD_BYTES = 16, /* a message of this length is the last one */
    MAX_CONSUMERS = 8,
    PAUSES = 32,             /* between two looks at memory that has not changed */
    YIELD_AFTER = 64,        /* so many looks in vain, then the processor is offered to others */
};

static const uint64_t spin_ns = 20000; /* an adaptive waiter spins so long before it sleeps */

struct message_header {
    uint32_t payload_bytes;
    uint8_t descriptor_count;
    uint8_t flags;
    uint16_t reserved;
    uint64_t sequence_id;
};
_Static_assert(sizeof(struct message_header) == HEADER_BYTES, "header");

static inline _Noreturn void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    _exit(1);
}

static inline _Noreturn void wrong(const char *what, uint64_t expected, uint64_t actual)
{
    fprintf(stderr, "wrong answer: %s: expected %llu, got %llu\n", what, (unsigned long long)expected,
        (unsigned long long)actual);
    _exit(1);
}

static inline uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t coarse_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void pause_once(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

static inline void pause_a_while(void)
{
    for (int i = 0; i < PAUSES; i++)
        pause_once();
}

/* The first or the second of the processors that RING_CPUS names ("0,1"). */
static inline void pin_to(int which)
{
    const char *names = getenv("RING_CPUS");
    int cpus[2] = { 0, 1 };
    if (names != NULL && sscanf(names, "%d,%d", &cpus[0], &cpus[1]) != 2) {
        fprintf(stderr, "RING_CPUS is not like 0,1\n");
        _exit(2);
    }
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpus[which], &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        die("sched_setaffinity");
}

/* ---- messages: the words of the payload count up from the number of the message ---- */

typedef uint64_t lanes __attribute__((vector_size(16)));

static inline void fill(void *payload, uint64_t bytes, uint64_t number)
{
    lanes *at = payload, *end = (lanes *)((char *)payload + bytes);
    lanes value = { number, number + 1 };
    const lanes step = { 2, 2 };
    while (at != end) {
        *at++ = value;
        value += step;
    }
}

static inline void write_message(void *at, uint64_t payload_bytes, uint64_t number)
{
    struct message_header *header = at;
    *header = (struct message_header){ .payload_bytes = (uint32_t)payload_bytes };
    fill(header + 1, payload_bytes, number);
}

/* What a consumer has to see: every number once, in order, and by the sum every byte of every payload. */
struct check {
    uint64_t next;
    lanes sum;
};

static inline void check_payload(struct check *check, const void *payload, uint64_t bytes)
{
    const lanes *at = payload, *end = (const lanes *)((const char *)payload + bytes);
    uint64_t number = (*at)[0];
    if (__builtin_expect(number != check->next, 0))
        wrong("number of a message", check->next, number);
    check->next++;
    lanes sum = check->sum;
    while (at != end)
        sum += *at++;
    check->sum = sum;
}

/* The stop has a number too, and two words. */
static inline void check_end(const struct check *check, uint64_t payload_bytes)
{
    uint64_t n = check->next - 1, words = payload_bytes / 8;
    uint64_t expected = words * (n % 2 ? n * ((n - 1) / 2) : n / 2 * (n - 1)) + n * (words * (words - 1) / 2);
    expected += n + (n + 1);
    uint64_t actual = check->sum[0] + check->sum[1];
    if (actual != expected)
        wrong("sum of all payloads", expected, actual);
}

/* ---- one run: how long, and what came of it ---- */

struct plan {
    uint64_t payload_bytes, message_bytes, batch;
    int consumers;
    uint64_t warm_ns, measured_ns;
};

static inline struct plan plan_of(char **arguments)
{
    struct plan plan = { .message_bytes = strtoull(arguments[0], NULL, 10) };
    plan.payload_bytes = plan.message_bytes - HEADER_BYTES;
    plan.batch = strtoull(arguments[1], NULL, 10);
    plan.consumers = atoi(arguments[2]);
    plan.warm_ns = strtoull(arguments[3], NULL, 10) * 1000000u;
    plan.measured_ns = strtoull(arguments[4], NULL, 10) * 1000000u;
    if (plan.message_bytes % 16 != 0 || plan.payload_bytes < 32 || plan.batch == 0 || plan.consumers < 1
        || plan.consumers > MAX_CONSUMERS) {
        fprintf(stderr, "bad numbers\n");
        exit(2);
    }
    return plan;
}

/* The writer's clock: which phase it is in. Asked before every write, it looks at the time every 64 KiB or so. */
struct phases {
    uint64_t sent, look_at, look_every;
    uint64_t first, begin_ns, end_ns;
    int is_measuring;
};

static inline struct phases phases_of(const struct plan *plan)
{
    uint64_t every = 65536 / plan->message_bytes;
    return (struct phases){ .look_every = every, .end_ns = now_ns() + plan->warm_ns };
}

static inline int goes_on(struct phases *phases, const struct plan *plan)
{
    if (__builtin_expect(phases->sent < phases->look_at, 1))
        return 1;
    uint64_t now = now_ns();
    phases->look_at = phases->sent + phases->look_every;
    if (now < phases->end_ns)
        return 1;
    if (phases->is_measuring)
        return 0;
    phases->is_measuring = 1;
    phases->first = phases->sent;
    phases->begin_ns = now;
    phases->end_ns = now + plan->measured_ns;
    return 1;
}

/* Written by the children, read by the parent. */
struct shared {
    _Atomic int ready;
    struct {
        uint64_t received, end_ns, sleeps, batches;
    } consumer[MAX_CONSUMERS];
};

static inline struct shared *create_shared(void)
{
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        die("mmap");
    return shared;
}

/* True in the child. It does not outlive its parent. */
static inline int is_child(pid_t *child)
{
    pid_t parent = getpid();
    *child = fork();
    if (*child < 0)
        die("fork");
    if (*child != 0)
        return 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    return 1;
}

static inline void await_ready(struct shared *shared, int count)
{
    while (atomic_load(&shared->ready) < count) {
        int status;
        if (waitpid(-1, &status, WNOHANG) > 0)
            _exit(1);
        sched_yield();
    }
}

static inline void await_children(const pid_t *children, int count)
{
    for (int i = 0; i < count; i++) {
        int status;
        if (waitpid(children[i], &status, 0) < 0)
            die("waitpid");
        if (status != 0)
            _exit(1);
    }
}

/* From the first measured message to the moment when the last consumer had the last one. */
static inline void report_throughput(
    const struct plan *plan, const struct phases *phases, const struct shared *shared, uint64_t wakes, uint64_t full)
{
    uint64_t end = 0, sleeps = 0, batches = 0;
    for (int i = 0; i < plan->consumers; i++) {
        if (shared->consumer[i].received != phases->sent)
            wrong("messages received", phases->sent, shared->consumer[i].received);
        if (shared->consumer[i].end_ns > end)
            end = shared->consumer[i].end_ns;
        sleeps += shared->consumer[i].sleeps;
        batches += shared->consumer[i].batches;
    }
    printf("{\"messages\":%llu,\"checked\":%llu,\"seconds\":%.9f,\"wakes\":%llu,\"sleeps\":%llu,\"full\":%llu,"
        "\"batches\":%llu}\n",
        (unsigned long long)(phases->sent - phases->first), (unsigned long long)phases->sent,
        (double)(end - phases->begin_ns) / 1e9, (unsigned long long)wakes, (unsigned long long)sleeps,
        (unsigned long long)full, (unsigned long long)batches);
}

static inline int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* Nearest rank, as everywhere in these tables. */
static inline uint64_t percentile(const uint64_t *sorted, uint64_t count, uint64_t percent)
{
    uint64_t rank = (count * percent + 99) / 100;
    return sorted[rank == 0 ? 0 : rank - 1];
}

static inline void report_round_trips(uint64_t *ns, uint64_t count)
{
    qsort(ns, count, sizeof *ns, compare_numbers);
    printf("{\"trips\":%llu,\"p50\":%llu,\"p99\":%llu,\"most\":%llu}\n", (unsigned long long)count,
        (unsigned long long)percentile(ns, count, 50), (unsigned long long)percentile(ns, count, 99),
        (unsigned long long)ns[count - 1]);
}

#endif
