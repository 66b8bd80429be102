/*
 * What the kernel offers for the same work: a pipe, a stream socket, a socket of packets.
 *
 *   transport throughput pipe|stream|seqpacket BYTES BATCH CONSUMERS WARM_MS MEASURED_MS
 *   transport roundtrip pipe|stream|seqpacket TRIPS
 *
 * A batch is one write(2), and one sendmmsg(2) for packets; readers take as much at a time as there is. Each reader has
 * a channel of its own, and the writer writes to one after the other. Each channel may hold 1 MiB as far as the kernel
 * lets it, as the ring does.
 */
#include "bench.h"
#include <fcntl.h>
#include <sys/socket.h>

enum { CHANNEL_BYTES = 1 << 20, READ_BYTES = 1 << 16, PACKETS = 64, MESSAGE_BYTES = 64 };

enum kind { PIPE, STREAM, SEQPACKET };

static enum kind kind_of(const char *name)
{
    if (strcmp(name, "pipe") == 0)
        return PIPE;
    if (strcmp(name, "stream") == 0)
        return STREAM;
    if (strcmp(name, "seqpacket") == 0)
        return SEQPACKET;
    fprintf(stderr, "pipe, stream or seqpacket\n");
    exit(2);
}

/* ends[0] is read, ends[1] is written. */
static void open_channel(enum kind kind, int ends[2])
{
    if (kind == PIPE) {
        if (pipe(ends) != 0)
            die("pipe");
        fcntl(ends[1], F_SETPIPE_SZ, CHANNEL_BYTES); /* smaller where the machine's limit is */
        return;
    }
    if (socketpair(AF_UNIX, kind == STREAM ? SOCK_STREAM : SOCK_SEQPACKET, 0, ends) != 0)
        die("socketpair");
    int bytes = CHANNEL_BYTES;
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static void write_all(int fd, const unsigned char *data, uint64_t bytes)
{
    while (bytes > 0) {
        ssize_t done = write(fd, data, bytes);
        if (done < 0)
            die("write");
        data += done;
        bytes -= (uint64_t)done;
    }
}

static void send_packets(int fd, struct mmsghdr *packets, uint64_t count)
{
    while (count > 0) {
        int done = sendmmsg(fd, packets, (unsigned)count, 0);
        if (done < 0)
            die("sendmmsg");
        packets += done;
        count -= (uint64_t)done;
    }
}

static struct mmsghdr *create_packets(unsigned char *data, uint64_t bytes, uint64_t count)
{
    struct mmsghdr *packets = calloc(count, sizeof *packets);
    struct iovec *parts = calloc(count, sizeof *parts);
    if (packets == NULL || parts == NULL)
        die("calloc");
    for (uint64_t i = 0; i < count; i++) {
        parts[i] = (struct iovec){ .iov_base = data + i * bytes, .iov_len = bytes };
        packets[i].msg_hdr.msg_iov = &parts[i];
        packets[i].msg_hdr.msg_iovlen = 1;
    }
    return packets;
}

/* ---- readers ---- */

/* True after the stop. Every message has the same size here; the stop says in its header that it has less. */
static int take(struct check *check, const unsigned char *at, const struct plan *plan)
{
    const struct message_header *header = (const struct message_header *)at;
    check_payload(check, header + 1, header->payload_bytes);
    if (header->payload_bytes == STOP_PAYLOAD_BYTES)
        return 1;
    if (header->payload_bytes != plan->payload_bytes)
        wrong("length of a message", plan->payload_bytes, header->payload_bytes);
    return 0;
}

static void read_stream(int fd, const struct plan *plan, struct check *check)
{
    static unsigned char buffer[READ_BYTES + 4096] __attribute__((aligned(64)));
    uint64_t held = 0;
    for (;;) {
        ssize_t got = read(fd, buffer + held, READ_BYTES);
        if (got <= 0)
            die("read");
        held += (uint64_t)got;
        unsigned char *at = buffer;
        for (; held >= plan->message_bytes; at += plan->message_bytes, held -= plan->message_bytes)
            if (take(check, at, plan))
                return;
        memmove(buffer, at, held); /* the beginning of a message; mostly nothing */
    }
}

static void read_packets(int fd, const struct plan *plan, struct check *check)
{
    unsigned char *data = aligned_alloc(64, PACKETS * plan->message_bytes);
    if (data == NULL)
        die("aligned_alloc");
    struct mmsghdr *packets = create_packets(data, plan->message_bytes, PACKETS);
    for (;;) {
        int got = recvmmsg(fd, packets, PACKETS, MSG_WAITFORONE, NULL);
        if (got <= 0)
            die("recvmmsg");
        for (int i = 0; i < got; i++) {
            if (packets[i].msg_len != plan->message_bytes)
                wrong("length of a packet", plan->message_bytes, packets[i].msg_len);
            if (take(check, data + (uint64_t)i * plan->message_bytes, plan))
                return;
        }
    }
}

/* ---- throughput ---- */

static struct phases produce(enum kind kind, int (*ends)[2], const struct plan *plan)
{
    uint64_t run = plan->batch * plan->message_bytes;
    unsigned char *buffer = aligned_alloc(64, run);
    if (buffer == NULL)
        die("aligned_alloc");
    memset(buffer, 0, run);
    struct mmsghdr *packets = create_packets(buffer, plan->message_bytes, plan->batch);
    struct phases phases = phases_of(plan);
    while (goes_on(&phases, plan)) {
        for (unsigned char *at = buffer; at != buffer + run; at += plan->message_bytes)
            write_message(at, plan->payload_bytes, phases.sent++);
        for (int i = 0; i < plan->consumers; i++) {
            if (kind == SEQPACKET && plan->batch > 1)
                send_packets(ends[i][1], packets, plan->batch);
            else
                write_all(ends[i][1], buffer, run);
        }
    }
    write_message(buffer, STOP_PAYLOAD_BYTES, phases.sent);
    for (int i = 0; i < plan->consumers; i++)
        write_all(ends[i][1], buffer, plan->message_bytes);
    return phases;
}

static void throughput(enum kind kind, char **arguments)
{
    struct plan plan = plan_of(arguments);
    struct shared *shared = create_shared();
    pid_t children[MAX_CONSUMERS];
    int ends[MAX_CONSUMERS][2];
    for (int i = 0; i < plan.consumers; i++) {
        open_channel(kind, ends[i]);
        if (is_child(&children[i])) {
            struct check check = { 0 };
            pin_to(1);
            atomic_fetch_add(&shared->ready, 1);
            if (kind == SEQPACKET)
                read_packets(ends[i][0], &plan, &check);
            else
                read_stream(ends[i][0], &plan, &check);
            shared->consumer[i].end_ns = now_ns();
            shared->consumer[i].received = check.next - 1;
            check_end(&check, plan.payload_bytes);
            _exit(0);
        }
    }
    pin_to(0);
    await_ready(shared, plan.consumers);
    struct phases phases = produce(kind, ends, &plan);
    await_children(children, plan.consumers);
    report_throughput(&plan, &phases, shared, 0, 0);
}

/* ---- round trips ---- */

static void send_one(int fd, uint64_t number)
{
    unsigned char message[MESSAGE_BYTES] __attribute__((aligned(16)));
    write_message(message, MESSAGE_BYTES - HEADER_BYTES, number);
    write_all(fd, message, sizeof message);
}

static void receive_one(int fd, struct check *check)
{
    unsigned char message[MESSAGE_BYTES] __attribute__((aligned(16)));
    for (uint64_t held = 0; held < sizeof message;) {
        ssize_t got = read(fd, message + held, sizeof message - held);
        if (got <= 0)
            die("read");
        held += (uint64_t)got;
    }
    check_payload(check, message + HEADER_BYTES, MESSAGE_BYTES - HEADER_BYTES);
}

static void round_trips(enum kind kind, char **arguments)
{
    uint64_t count = strtoull(arguments[0], NULL, 10), warm = count + count / 2;
    int there[2], back[2];
    open_channel(kind, there);
    open_channel(kind, back);
    struct check check = { 0 };
    pid_t child;
    if (is_child(&child)) {
        pin_to(1);
        for (uint64_t i = 0; i < warm + count; i++) {
            receive_one(there[0], &check);
            send_one(back[1], i);
        }
        _exit(0);
    }
    pin_to(0);
    uint64_t *ns = calloc(count, sizeof *ns);
    if (ns == NULL)
        die("calloc");
    memset(ns, 1, count * sizeof *ns);
    for (uint64_t i = 0; i < warm + count; i++) {
        uint64_t begin = now_ns();
        send_one(there[1], i);
        receive_one(back[0], &check);
        if (i >= warm)
            ns[i - warm] = now_ns() - begin;
    }
    await_children(&child, 1);
    report_round_trips(ns, count);
}

int main(int argc, char **argv)
{
    if (argc == 8 && strcmp(argv[1], "throughput") == 0)
        throughput(kind_of(argv[2]), argv + 3);
    else if (argc == 4 && strcmp(argv[1], "roundtrip") == 0)
        round_trips(kind_of(argv[2]), argv + 3);
    else {
        fprintf(stderr, "usage: see the head of transport.c\n");
        return 2;
    }
    return 0;
}
