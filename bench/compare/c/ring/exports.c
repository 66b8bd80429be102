/*
 * What a call into libzbq.so costs a C program.
 *
 *   exports LIBRARY BURSTS
 *
 * Producer and consumer are in this one process, joined over a pair of sockets; the consumer is in push mode and awake,
 * so a commit has its fence. One line of JSON with nanoseconds a call, the median of all bursts. Every message is
 * checked; a wrong answer is an error.
 */
#include "bench.h"
#include "zbq.h"
#include <dlfcn.h>
#include <sys/socket.h>

enum { CALLS = 8192, MESSAGE_BYTES = 64, RING_BYTES = 4 << 20, MOST_ROWS = 16 };

/* Every function of the library that is measured or needed, by the type that the header gives it. */
#define FUNCTIONS(use) \
    use(producer_create) use(producer_destroy) use(producer_handshake) use(producer_query) use(producer_commit) \
    use(producer_next_seq_id) use(producer_reserve) use(consumer_join) use(consumer_destroy) \
    use(consumer_acquire_head) use(consumer_peek) use(consumer_publish) use(consumer_get_futex_token) \
    use(consumer_tail) use(consumer_meta) use(consumer_peek_batch)

#define DECLARE(name) __typeof__(&zbq_##name) name;
static struct { FUNCTIONS(DECLARE) } zbq;

static struct { const char *name; uint64_t *ns; } rows[MOST_ROWS];
static uint64_t bursts;
static volatile uint64_t sink;

static void load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
#define LOAD(name) \
    *(void **)&zbq.name = dlsym(library, "zbq_" #name); \
    if (zbq.name == NULL) { \
        fprintf(stderr, "no zbq_%s\n", #name); \
        exit(1); \
    }
    FUNCTIONS(LOAD)
}

static void note(uint64_t burst, const char *name, uint64_t begin)
{
    uint64_t ns = now_ns() - begin;
    int row = 0;
    while (rows[row].name != NULL && strcmp(rows[row].name, name) != 0)
        row++;
    if (rows[row].name == NULL) {
        rows[row].name = name;
        rows[row].ns = calloc(bursts, sizeof *rows[row].ns);
        if (rows[row].ns == NULL || row == MOST_ROWS - 1)
            die("rows");
    }
    rows[row].ns[burst] = ns;
}

#define MEASURE(name, call) \
    do { \
        uint64_t begin = now_ns(); \
        for (uint64_t i = 0; i < CALLS; i++) \
            call; \
        note(burst, name, begin); \
    } while (0)

static void expect_ok(const char *what, int status)
{
    if (status != ZBQ_OK) {
        fprintf(stderr, "%s: %d\n", what, status);
        exit(1);
    }
}

/* Messages that are committed one by one, and read one by one. */
static void measure_messages(zbq_producer *p, zbq_consumer *c, uint64_t burst, struct check *check, uint64_t *sent)
{
    zbq_contiguous_run run = zbq.producer_reserve(p, CALLS * MESSAGE_BYTES);
    if (run.max_bytes < CALLS * MESSAGE_BYTES)
        wrong("room", CALLS * MESSAGE_BYTES, run.max_bytes);
    for (uint64_t i = 0; i < CALLS; i++)
        write_message((char *)run.base + i * MESSAGE_BYTES, MESSAGE_BYTES - HEADER_BYTES, (*sent)++);
    bool committed = true;
    MEASURE("commit", committed &= zbq.producer_commit(p, MESSAGE_BYTES, ZBQ_COMMIT_NONE));
    if (!committed)
        wrong("a commit", 1, 0);

    uint64_t tail = zbq.consumer_tail(c), head = zbq.consumer_acquire_head(c);
    zbq_msg_view view = { 0 };
    int status = 0;
    MEASURE("peek", status |= zbq.consumer_peek(c, &view));
    expect_ok("peek", status);
    uint64_t begin = now_ns();
    for (uint64_t i = 0; i < CALLS / 16; i++) {
        zbq_msg_view views[16];
        uint32_t count = 0;
        expect_ok("peek_batch", zbq.consumer_peek_batch(c, views, 16, &count));
        if (count != 16)
            wrong("messages in a batch", 16, count);
        for (uint32_t k = 0; k < count; k++)
            check_payload(check, views[k].payload, views[k].payload_len);
        tail = views[15].logical_offset + views[15].total_len;
        zbq.consumer_publish(c, tail);
    }
    note(burst, "peek_batch of 16 and publish, a message", begin);
    if (tail != head || zbq.consumer_tail(c) != head)
        wrong("tail", head, tail);
}

/* The whole life of a message, by single calls. */
static void measure_cycle(zbq_producer *p, zbq_consumer *c, uint64_t burst, struct check *check, uint64_t *sent)
{
    uint64_t begin = now_ns();
    for (uint64_t i = 0; i < CALLS; i++) {
        zbq_contiguous_run run = zbq.producer_reserve(p, MESSAGE_BYTES);
        write_message(run.base, MESSAGE_BYTES - HEADER_BYTES, (*sent)++);
        if (!zbq.producer_commit(p, MESSAGE_BYTES, ZBQ_COMMIT_NONE))
            wrong("a commit", 1, 0);
    }
    note(burst, "reserve, write 64 B, commit", begin);
    begin = now_ns();
    for (uint64_t i = 0; i < CALLS; i++) {
        zbq_msg_view view;
        expect_ok("peek", zbq.consumer_peek(c, &view));
        check_payload(check, view.payload, view.payload_len);
        zbq.consumer_publish(c, view.logical_offset + view.total_len);
    }
    note(burst, "peek, read 64 B, publish", begin);
}

static void measure_publish(zbq_producer *p, zbq_consumer *c, uint64_t burst, struct check *check, uint64_t *sent)
{
    zbq_contiguous_run run = zbq.producer_reserve(p, CALLS * MESSAGE_BYTES);
    for (uint64_t i = 0; i < CALLS; i++)
        write_message((char *)run.base + i * MESSAGE_BYTES, MESSAGE_BYTES - HEADER_BYTES, (*sent)++);
    if (!zbq.producer_commit(p, CALLS * MESSAGE_BYTES, ZBQ_COMMIT_NONE))
        wrong("a commit", 1, 0);
    uint64_t tail = zbq.consumer_tail(c), head = zbq.consumer_acquire_head(c);
    const char *at = run.base;
    for (uint64_t i = 0; i < CALLS; i++)
        check_payload(check, at + i * MESSAGE_BYTES + HEADER_BYTES, MESSAGE_BYTES - HEADER_BYTES);
    MEASURE("publish", zbq.consumer_publish(c, tail += MESSAGE_BYTES));
    if (tail != head || zbq.consumer_tail(c) != head)
        wrong("tail", head, zbq.consumer_tail(c));
}

static void measure(zbq_producer *p, zbq_consumer *c)
{
    struct check check = { 0 };
    uint64_t sent = 0;
    for (uint64_t burst = 0; burst < bursts; burst++) {
        MEASURE("query", sink = zbq.producer_query(p).max_bytes);
        MEASURE("reserve", sink = zbq.producer_reserve(p, MESSAGE_BYTES).max_bytes);
        MEASURE("next_seq_id", sink = zbq.producer_next_seq_id(p));
        MEASURE("acquire_head", sink = zbq.consumer_acquire_head(c));
        MEASURE("get_futex_token", sink = zbq.consumer_get_futex_token(c));
        MEASURE("tail", sink = zbq.consumer_tail(c));
        MEASURE("meta", sink = (uint64_t)zbq.consumer_meta(c));
        measure_messages(p, c, burst, &check, &sent);
        measure_publish(p, c, burst, &check, &sent);
        measure_cycle(p, c, burst, &check, &sent);
    }
    if (check.next != sent)
        wrong("messages read", sent, check.next);
    check.next++; /* there was no stop; the sum is the numbers' without its words */
    check.sum[0] += sent + (sent + 1);
    check_end(&check, MESSAGE_BYTES - HEADER_BYTES);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: exports LIBRARY BURSTS\n");
        return 2;
    }
    load(argv[1]);
    bursts = strtoull(argv[2], NULL, 10);
    pin_to(0);

    zbq_producer_params params = { .ring_capacity = RING_BYTES, .clog_threshold = 16, .max_consumers = 1 };
    zbq_producer *p;
    zbq_consumer *c;
    int ends[2];
    uint32_t slot;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
        die("socketpair");
    expect_ok("create", zbq.producer_create(&p, &params));
    expect_ok("handshake", zbq.producer_handshake(p, ends[0], ZBQ_WAKEUP_PUSH, &slot));
    expect_ok("join", zbq.consumer_join(ends[1], ZBQ_WAKEUP_PUSH, &c));
    measure(p, c);
    zbq.consumer_destroy(c);
    zbq.producer_destroy(p);

    for (int row = 0; rows[row].name != NULL; row++) {
        qsort(rows[row].ns, bursts, sizeof *rows[row].ns, compare_numbers);
        printf("%s\"%s\":%.3f", row == 0 ? "{" : ",", rows[row].name,
            (double)percentile(rows[row].ns, bursts, 50) / CALLS);
    }
    printf("}\n");
    return 0;
}
