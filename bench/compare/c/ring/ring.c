/*
 * The ring in C, measured: what the .NET ring is compared with.
 *
 *   ring throughput BYTES BATCH CONSUMERS WARM_MS MEASURED_MS
 *   ring roundtrip spin|adaptive|sleep TRIPS
 *   ring commit BURSTS COMMITS
 *
 * One line of JSON. A wrong answer is an error: status 1, and the line is not written.
 */
#include "ring.h"

enum { RING_BYTES = 1 << 20, MESSAGE_BYTES = 64 };

/* ---- throughput ---- */

static void consume(const struct ring *ring, const struct plan *plan, int index, struct shared *shared)
{
    struct ring_consumer c = ring_consume(ring, index);
    struct check check = { 0 };
    uint64_t payload = plan->payload_bytes;
    atomic_fetch_add(&shared->ready, 1);
    do {
        ring_await(&c, RING_ADAPTIVE, PAUSES);
        const struct message_header *message;
        while ((message = ring_next(&c, &payload)) != NULL) {
            check_payload(&check, message + 1, payload);
            if (c.tail - c.published >= c.capacity / 8)
                ring_release(&c);
            if (payload == STOP_PAYLOAD_BYTES)
                break;
        }
        ring_release(&c);
        shared->consumer[index].batches++;
    } while (payload != STOP_PAYLOAD_BYTES);
    shared->consumer[index].end_ns = now_ns();
    shared->consumer[index].received = check.next - 1;
    shared->consumer[index].sleeps = c.sleeps;
    check_end(&check, plan->payload_bytes);
}

static struct phases produce(struct ring_producer *p, const struct plan *plan)
{
    struct phases phases = phases_of(plan);
    uint64_t run = plan->batch * plan->message_bytes;
    while (goes_on(&phases, plan)) {
        unsigned char *at = ring_reserve_waiting(p, run);
        for (unsigned char *end = at + run; at != end; at += plan->message_bytes)
            write_message(at, plan->payload_bytes, phases.sent++);
        ring_commit(p, run);
    }
    void *stop = ring_reserve_waiting(p, HEADER_BYTES + STOP_PAYLOAD_BYTES);
    write_message(stop, STOP_PAYLOAD_BYTES, phases.sent);
    ring_commit(p, HEADER_BYTES + STOP_PAYLOAD_BYTES);
    return phases;
}

static void throughput(char **arguments)
{
    struct plan plan = plan_of(arguments);
    struct ring ring = ring_create(RING_BYTES, plan.consumers);
    struct shared *shared = create_shared();
    pid_t children[MAX_CONSUMERS];
    for (int i = 0; i < plan.consumers; i++) {
        if (is_child(&children[i])) {
            pin_to(1);
            consume(&ring, &plan, i, shared);
            _exit(0);
        }
    }
    pin_to(0);
    await_ready(shared, plan.consumers);
    struct ring_producer p = ring_produce(&ring);
    struct phases phases = produce(&p, &plan);
    await_children(children, plan.consumers);
    report_throughput(&plan, &phases, shared, p.wakes, p.full);
}

/* ---- round trips: two rings, one message at a time ---- */

static void send_one(struct ring_producer *p, uint64_t number)
{
    void *at = ring_reserve_waiting(p, MESSAGE_BYTES);
    write_message(at, MESSAGE_BYTES - HEADER_BYTES, number);
    ring_commit(p, MESSAGE_BYTES);
}

static void receive_one(struct ring_consumer *c, struct check *check, enum ring_wait how)
{
    uint64_t payload;
    ring_await(c, how, 1);
    const struct message_header *message = ring_next(c, &payload);
    check_payload(check, message + 1, payload);
    ring_release(c);
}

static enum ring_wait wait_of(const char *name)
{
    if (strcmp(name, "spin") == 0)
        return RING_SPIN;
    return strcmp(name, "adaptive") == 0 ? RING_ADAPTIVE : RING_SLEEP;
}

static void round_trips(char **arguments)
{
    enum ring_wait how = wait_of(arguments[0]);
    uint64_t count = strtoull(arguments[1], NULL, 10), warm = count + count / 2;
    struct ring there = ring_create(RING_BYTES, 1), back = ring_create(RING_BYTES, 1);
    struct shared *shared = create_shared();
    struct check check = { 0 };
    pid_t child;
    if (is_child(&child)) {
        pin_to(1);
        struct ring_consumer c = ring_consume(&there, 0);
        struct ring_producer p = ring_produce(&back);
        atomic_fetch_add(&shared->ready, 1);
        for (uint64_t i = 0; i < warm + count; i++) {
            receive_one(&c, &check, how);
            send_one(&p, i);
        }
        _exit(0);
    }
    pin_to(0);
    uint64_t *ns = calloc(count, sizeof *ns);
    if (ns == NULL)
        die("calloc");
    memset(ns, 1, count * sizeof *ns);
    struct ring_consumer c = ring_consume(&back, 0);
    struct ring_producer p = ring_produce(&there);
    await_ready(shared, 1);
    for (uint64_t i = 0; i < warm + count; i++) {
        uint64_t begin = now_ns();
        send_one(&p, i);
        receive_one(&c, &check, how);
        if (i >= warm)
            ns[i - warm] = now_ns() - begin;
    }
    await_children(&child, 1);
    report_round_trips(ns, count);
}

/* ---- the cost of a commit while the reader, which could sleep, is awake ---- */

static void read_bursts(const struct ring *ring, uint64_t count, struct shared *shared)
{
    struct ring_consumer c = ring_consume(ring, 0);
    struct check check = { 0 };
    atomic_fetch_add(&shared->ready, 1);
    while (check.next < count) {
        ring_await(&c, RING_SPIN, PAUSES);
        const struct message_header *message;
        uint64_t payload;
        while ((message = ring_next(&c, &payload)) != NULL)
            check_payload(&check, message + 1, payload);
        ring_release(&c);
    }
    shared->consumer[0].received = check.next;
}

static void await_empty(struct ring_producer *p)
{
    while (ring_rescan(p) != p->capacity)
        pause_a_while();
}

static void commits(char **arguments)
{
    uint64_t bursts = strtoull(arguments[0], NULL, 10), each = strtoull(arguments[1], NULL, 10);
    uint64_t total = 2 * bursts * each, sent = 0;
    struct ring ring = ring_create(2 * each * MESSAGE_BYTES, 1);
    struct shared *shared = create_shared();
    uint64_t *alone = calloc(bursts, sizeof *alone), *whole = calloc(bursts, sizeof *whole);
    pid_t child;
    if (is_child(&child)) {
        pin_to(1);
        read_bursts(&ring, total, shared);
        _exit(0);
    }
    pin_to(0);
    struct ring_producer p = ring_produce(&ring);
    await_ready(shared, 1);
    for (uint64_t burst = 0; burst < bursts; burst++) {
        /* First the messages, then nothing but commits … */
        unsigned char *at = ring_reserve_waiting(&p, each * MESSAGE_BYTES);
        for (uint64_t i = 0; i < each; i++)
            write_message(at + i * MESSAGE_BYTES, MESSAGE_BYTES - HEADER_BYTES, sent++);
        uint64_t begin = now_ns();
        for (uint64_t i = 0; i < each; i++)
            ring_commit(&p, MESSAGE_BYTES);
        alone[burst] = now_ns() - begin;
        await_empty(&p);

        /* … then reserve, write and commit, one after the other. */
        begin = now_ns();
        for (uint64_t i = 0; i < each; i++)
            send_one(&p, sent++);
        whole[burst] = now_ns() - begin;
        await_empty(&p);
    }
    await_children(&child, 1);
    if (shared->consumer[0].received != sent)
        wrong("messages received", sent, shared->consumer[0].received);
    qsort(alone, bursts, sizeof *alone, compare_numbers);
    qsort(whole, bursts, sizeof *whole, compare_numbers);
    printf("{\"commits\":%llu,\"commitNs\":%.3f,\"messageNs\":%.3f,\"wakes\":%llu}\n", (unsigned long long)total,
        (double)percentile(alone, bursts, 50) / (double)each, (double)percentile(whole, bursts, 50) / (double)each,
        (unsigned long long)p.wakes);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "throughput") == 0)
        throughput(argv + 2);
    else if (argc == 4 && strcmp(argv[1], "roundtrip") == 0)
        round_trips(argv + 2);
    else if (argc == 4 && strcmp(argv[1], "commit") == 0)
        commits(argv + 2);
    else {
        fprintf(stderr, "usage: see the head of ring.c\n");
        return 2;
    }
    return 0;
}
