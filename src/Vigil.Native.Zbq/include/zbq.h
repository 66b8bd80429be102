/*
 * zbq: a ring in shared memory. One process writes messages, many others read them where they lie; messages can
 * carry open file descriptors. Linux, 64-bit. Link with -lzbq.
 *
 * A writer:                                          A reader:
 *
 *     zbq_producer *p;                                   zbq_consumer *c;
 *     zbq_producer_create(&p, &params);                  int fd = ...connected Unix socket...;
 *     int fd = accept(...);                              zbq_consumer_join(fd, ZBQ_WAKEUP_PUSH, &c);
 *     zbq_producer_handshake(p, fd, ZBQ_WAKEUP_PUSH,     close(fd);
 *                            &slot);                     for (;;) {
 *     close(fd);                                             uint32_t token = zbq_consumer_get_futex_token(c);
 *     zbq_contiguous_run r = zbq_producer_query(p);          zbq_msg_view m;
 *     ...write a zbq_msg_header and the payload              int status = zbq_consumer_peek(c, &m);
 *        at r.base, at most r.max_bytes...                   if (status == ZBQ_OK) {
 *     zbq_producer_commit(p, bytes, ZBQ_COMMIT_NONE);            ...use m.payload, m.payload_len...
 *                                                                zbq_consumer_publish(c,
 *                                                                    m.logical_offset + m.total_len);
 *                                                            } else if (status == ZBQ_ERROR_AGAIN)
 *                                                                zbq_consumer_wait_broadcast(c, token);
 *                                                            else
 *                                                                break;
 *                                                        }
 *
 * Lifetime of pointers
 *
 *   A handle is valid from the call that made it to the call that destroys it. A handle that is NULL, was destroyed, or
 *   never was one is refused by every function, as said there; none crashes.
 *   zbq_contiguous_run.base points into the producer's mapping and is valid until zbq_producer_destroy; it may be
 *   written, up to max_bytes, until the next query, reserve or commit.
 *   zbq_msg_view.header and .payload point into the consumer's read-only mapping. They can be dereferenced until
 *   zbq_consumer_destroy. What they point to stays as it is until this consumer publishes a tail beyond the message, or
 *   is evicted; afterwards the producer may be writing there.
 *   zbq_consumer_ctrl and zbq_consumer_meta: until zbq_consumer_destroy. To write through the former is a fault.
 *   Pointers that are passed in are used during the call and not kept.
 *
 * Who owns a descriptor
 *
 *   Every descriptor that is passed in stays the caller's: the connection in zbq_producer_handshake and
 *   zbq_consumer_join, which may be closed after the call, and the descriptors in zbq_producer_broadcast_fds.
 *   Every descriptor that zbq_consumer_recv_fds hands out belongs to the caller from then on, who closes it. It has
 *   close-on-exec set. Descriptors that nobody fetched are closed by the library.
 *
 * Threads
 *
 *   Different handles are independent of one another.
 *   A producer: one thread at a time calls query, reserve and commit. Handshake, scan, broadcast_fds and next_seq_id
 *   may come from any thread at any time. Destroy comes last, when no other call is running.
 *   A consumer: one thread at a time calls any of its functions. Destroy comes last.
 *   A handle does not survive fork(2): the child must neither use nor destroy it. dlclose(3) leaves the library where it
 *   is.
 *
 * Sleeping
 *
 *   Two orders of the calls are right. Token, peek, wait: whatever is committed after the token was taken has changed
 *   it, and the wait returns at once. Peek, token, wait: is right with this library, too, because the wait compares the
 *   producer's head with the one that this consumer saw last, and does not sleep where they differ.
 *   Every sleep has an end, at the latest after 100 ms, with ZBQ_ERROR_AGAIN: other readers of the ring could move a
 *   sleeper to where nobody wakes it, and a producer that was killed wakes nobody. Then look with
 *   zbq_consumer_is_producer_alive, and go on.
 *
 * The bytes in the ring are those of this machine: little endian on all that are supported.
 */
#ifndef ZBQ_H
#define ZBQ_H

#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ZBQ_ALIGNED(bytes) alignas(bytes)
#define ZBQ_ASSERT(condition, text) static_assert(condition, text)
extern "C" {
#else
#define ZBQ_ALIGNED(bytes) _Alignas(bytes)
#define ZBQ_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* ---- Constants --------------------------------------------------------------------------------------------------- */

/* How many descriptors one message can carry: what the kernel takes in one SCM_RIGHTS record. */
#define ZBQ_MAX_FD_PER_MSG 253

/* Of what the offset of every message, and every committed size, is a multiple. */
#define ZBQ_MSG_ALIGN 16

/* What functions answer that answer an int. */
typedef enum zbq_error {
    ZBQ_OK = 0,
    ZBQ_ERROR_INVALID = -1,  /* an argument is not valid, or the call does not fit the state */
    ZBQ_ERROR_NOMEM = -2,    /* there is not enough memory */
    ZBQ_ERROR_AGAIN = -3,    /* nothing yet; ask again */
    ZBQ_ERROR_IO = -4,       /* a call to the kernel failed, or the other end is gone */
    ZBQ_ERROR_PROTOCOL = -5, /* the other process does not keep the rules of the ring */
    ZBQ_ERROR_OVERFLOW = -6, /* this consumer was evicted: what it has not read may be overwritten */
    ZBQ_ERROR_NOENT = -7     /* no slot is free, or there is no such record */
} zbq_error;

/* How a consumer learns of messages. */
typedef enum zbq_wakeup_mode {
    ZBQ_WAKEUP_PUSH = 0, /* it may sleep, and commits wake it; it is sent descriptors */
    ZBQ_WAKEUP_PULL = 1  /* it looks by itself; commits do nothing for it; it is sent no descriptors */
} zbq_wakeup_mode;

/* What a commit does besides. Bits without a name are ignored. */
typedef enum zbq_commit_flags {
    ZBQ_COMMIT_NONE = 0,
    ZBQ_COMMIT_FORCE_SCAN = 1 /* zbq_producer_scan after the commit */
} zbq_commit_flags;

/* ---- What lies in shared memory ---------------------------------------------------------------------------------- */

/* The producer's page, which all consumers map read-only. What changes often has a cache line of its own. */
typedef struct zbq_control_region {
    ZBQ_ALIGNED(64) uint64_t producer_head; /* bytes committed so far; only grows; stored with release */
    uint8_t _pad0[56];
    uint32_t broadcast_futex; /* changes with every commit; push consumers sleep on it */
    uint8_t _pad1[60];
    int32_t producer_pid; /* as the producer's pid namespace counts */
    uint8_t _pad2[60];
    uint64_t ring_capacity;    /* bytes of the data ring */
    uint64_t clog_threshold;   /* so many failed reservations in a row cause a scan */
    uint64_t stall_timeout_ns; /* so long without progress, and a consumer counts as hung; 0: never */
    uint8_t reserved[40];
} zbq_control_region;

ZBQ_ASSERT(sizeof(zbq_control_region) == 256, "zbq_control_region has 256 bytes");
ZBQ_ASSERT(offsetof(zbq_control_region, producer_head) == 0, "producer_head");
ZBQ_ASSERT(offsetof(zbq_control_region, broadcast_futex) == 64, "broadcast_futex");
ZBQ_ASSERT(offsetof(zbq_control_region, producer_pid) == 128, "producer_pid");
ZBQ_ASSERT(offsetof(zbq_control_region, ring_capacity) == 192, "ring_capacity");
ZBQ_ASSERT(offsetof(zbq_control_region, clog_threshold) == 200, "clog_threshold");
ZBQ_ASSERT(offsetof(zbq_control_region, stall_timeout_ns) == 208, "stall_timeout_ns");

/*
 * A consumer's own page, the only one that it can write. The producer maps it too, and believes nothing in it.
 * Of the reserved bytes this library uses the words at offset 128 (how the consumer sleeps) and 192 (zbq_eviction).
 */
typedef struct zbq_consumer_metadata {
    ZBQ_ALIGNED(4096) uint64_t tail_offset; /* up to where it is done; stored with release */
    uint64_t progress_timestamp;            /* nanoseconds since join_baseline, at its last progress */
    uint64_t join_baseline;                 /* nanoseconds of CLOCK_MONOTONIC when it joined */
    uint8_t reserved[4072];
} zbq_consumer_metadata;

ZBQ_ASSERT(sizeof(zbq_consumer_metadata) == 4096, "zbq_consumer_metadata has 4096 bytes");
ZBQ_ASSERT(offsetof(zbq_consumer_metadata, tail_offset) == 0, "tail_offset");
ZBQ_ASSERT(offsetof(zbq_consumer_metadata, progress_timestamp) == 8, "progress_timestamp");
ZBQ_ASSERT(offsetof(zbq_consumer_metadata, join_baseline) == 16, "join_baseline");
ZBQ_ASSERT(offsetof(zbq_consumer_metadata, reserved) == 24, "reserved");

/*
 * What the producer writes before every payload. The next header begins at the next multiple of ZBQ_MSG_ALIGN after
 * the payload.
 */
typedef struct zbq_msg_header {
    ZBQ_ALIGNED(16) uint32_t payload_len; /* bytes of payload that follow; may be 0 */
    uint8_t fd_count;                     /* descriptors that belong to the message, at most ZBQ_MAX_FD_PER_MSG */
    uint8_t flags;                        /* 0; see ZBQ_MSG_PADDING */
    uint16_t reserved;                    /* 0 */
    uint64_t seq_id;                      /* of the record with the descriptors; 0 where there are none */
} zbq_msg_header;

ZBQ_ASSERT(sizeof(zbq_msg_header) == 16, "zbq_msg_header has 16 bytes");
ZBQ_ASSERT(offsetof(zbq_msg_header, payload_len) == 0, "payload_len");
ZBQ_ASSERT(offsetof(zbq_msg_header, fd_count) == 4, "fd_count");
ZBQ_ASSERT(offsetof(zbq_msg_header, flags) == 5, "flags");
ZBQ_ASSERT(offsetof(zbq_msg_header, reserved) == 6, "reserved");
ZBQ_ASSERT(offsetof(zbq_msg_header, seq_id) == 8, "seq_id");

/* ---- What the functions take and give ---------------------------------------------------------------------------- */

typedef struct zbq_producer_params {
    uint64_t ring_capacity;    /* bytes of the data ring: a multiple of 4096, not 0 */
    uint64_t clog_threshold;   /* so many failed reservations in a row cause a scan; 0 is as 1 */
    uint64_t stall_timeout_ns; /* so long without progress, and a consumer is evicted; 0: never for that reason */
    uint32_t max_consumers;    /* at a time; 1 to 1048576 */
} zbq_producer_params;

ZBQ_ASSERT(sizeof(zbq_producer_params) == 32, "zbq_producer_params has 32 bytes");
ZBQ_ASSERT(offsetof(zbq_producer_params, ring_capacity) == 0, "ring_capacity");
ZBQ_ASSERT(offsetof(zbq_producer_params, clog_threshold) == 8, "clog_threshold");
ZBQ_ASSERT(offsetof(zbq_producer_params, stall_timeout_ns) == 16, "stall_timeout_ns");
ZBQ_ASSERT(offsetof(zbq_producer_params, max_consumers) == 24, "max_consumers");

typedef struct zbq_contiguous_run {
    void *base;         /* where may be written */
    uint64_t max_bytes; /* how much: a multiple of ZBQ_MSG_ALIGN, never across the physical end; 0: nothing now */
    uint64_t offset;    /* the logical offset of base: the producer's head */
} zbq_contiguous_run;

ZBQ_ASSERT(sizeof(zbq_contiguous_run) == 24, "zbq_contiguous_run has 24 bytes");
ZBQ_ASSERT(offsetof(zbq_contiguous_run, base) == 0, "base");
ZBQ_ASSERT(offsetof(zbq_contiguous_run, max_bytes) == 8, "max_bytes");
ZBQ_ASSERT(offsetof(zbq_contiguous_run, offset) == 16, "offset");

/*
 * A message where it lies. The producer could change the header at any time; payload_len and total_len are copies that
 * were checked, and the bytes they speak of lie in the ring.
 */
typedef struct zbq_msg_view {
    const zbq_msg_header *header;
    const void *payload;
    uint64_t payload_len;
    uint64_t logical_offset; /* of the header */
    uint64_t total_len;      /* header and payload, not rounded up */
} zbq_msg_view;

ZBQ_ASSERT(sizeof(zbq_msg_view) == 40, "zbq_msg_view has 40 bytes");
ZBQ_ASSERT(offsetof(zbq_msg_view, header) == 0, "header");
ZBQ_ASSERT(offsetof(zbq_msg_view, payload) == 8, "payload");
ZBQ_ASSERT(offsetof(zbq_msg_view, payload_len) == 16, "payload_len");
ZBQ_ASSERT(offsetof(zbq_msg_view, logical_offset) == 24, "logical_offset");
ZBQ_ASSERT(offsetof(zbq_msg_view, total_len) == 32, "total_len");

/*
 * What a producer sends over the connection, in one message with four descriptors: control page, data ring, the
 * consumer's page, the consumer's side socket. zbq_consumer_join reads it.
 */
typedef struct zbq_join_payload {
    uint64_t ring_capacity;
    uint64_t join_baseline;
    uint64_t initial_head; /* where the consumer starts to read */
    int32_t producer_pid;
    uint32_t slot_index;
    uint32_t wakeup_mode; /* a zbq_wakeup_mode */
    uint8_t reserved[28];
} zbq_join_payload;

ZBQ_ASSERT(sizeof(zbq_join_payload) == 64, "zbq_join_payload has 64 bytes");
ZBQ_ASSERT(offsetof(zbq_join_payload, ring_capacity) == 0, "ring_capacity");
ZBQ_ASSERT(offsetof(zbq_join_payload, join_baseline) == 8, "join_baseline");
ZBQ_ASSERT(offsetof(zbq_join_payload, initial_head) == 16, "initial_head");
ZBQ_ASSERT(offsetof(zbq_join_payload, producer_pid) == 24, "producer_pid");
ZBQ_ASSERT(offsetof(zbq_join_payload, slot_index) == 28, "slot_index");
ZBQ_ASSERT(offsetof(zbq_join_payload, wakeup_mode) == 32, "wakeup_mode");
ZBQ_ASSERT(offsetof(zbq_join_payload, reserved) == 36, "reserved");

typedef struct zbq_producer zbq_producer;
typedef struct zbq_consumer zbq_consumer;

/* ---- The producer ------------------------------------------------------------------------------------------------ */

/*
 * Creates a ring without consumers. All of its memory is there when this returns.
 *   ZBQ_OK             *out is the producer; end it with zbq_producer_destroy.
 *   ZBQ_ERROR_INVALID  out or params is NULL; the capacity is 0 or no multiple of 4096; max_consumers is 0 or
 *                      above 1048576.
 *   ZBQ_ERROR_NOMEM    there is not enough memory for the ring.
 *   ZBQ_ERROR_IO       no more descriptors (EMFILE, ENFILE), or the kernel has no memfd_create(2).
 * On failure *out is NULL.
 */
int zbq_producer_create(zbq_producer **out, const zbq_producer_params *params);

/*
 * Ends a ring. Consumers that sleep wake; what was committed they can still read. NULL, or a handle that was destroyed
 * before: does nothing.
 */
void zbq_producer_destroy(zbq_producer *prod);

/*
 * Makes the process at the other end of a connection a consumer, which reads from the present head on. Never blocks,
 * and reads nothing from the connection. The connection stays the caller's, who may close it afterwards.
 *   ZBQ_OK             *out_slot_id is its slot, the lowest that was free.
 *   ZBQ_ERROR_INVALID  no valid handle; conn_fd is negative; mode is none; out_slot_id is NULL.
 *   ZBQ_ERROR_NOENT    no slot is free, also after a look for consumers that are gone.
 *   ZBQ_ERROR_IO       conn_fd is no connected Unix socket, or the other end is closed or does not read; no more
 *                      descriptors.
 *   ZBQ_ERROR_NOMEM    there is no memory for the consumer's page.
 * On failure no slot is taken, and *out_slot_id is as it was.
 */
int zbq_producer_handshake(zbq_producer *prod, int conn_fd, zbq_wakeup_mode mode, uint32_t *out_slot_id);

/*
 * Asks for the room at the head: a run up to the physical end of the ring, or up to where the slowest consumer reads.
 * The same again until a commit, but max_bytes may grow. max_bytes 0: a consumer has to read first; this counts as a
 * failed reservation, and at clog_threshold of them in a row the consumers are scanned before this returns.
 * No valid handle: {NULL, 0, 0}.
 */
zbq_contiguous_run zbq_producer_query(zbq_producer *prod);

/*
 * Shows consumers the first written_bytes of the run that was asked for last: whole messages, each rounded up to
 * ZBQ_MSG_ALIGN. Several commits may share one run. 0 bytes: only the flags are looked at.
 * true: done. false, and nothing was done: more than the run has left (without a query that is 0), no multiple of
 * ZBQ_MSG_ALIGN, or no valid handle.
 */
bool zbq_producer_commit(zbq_producer *prod, uint64_t written_bytes, zbq_commit_flags flags);

/* The number for the next message with descriptors: 1, 2, 3 ... No valid handle: 0. */
uint64_t zbq_producer_next_seq_id(zbq_producer *prod);

/*
 * Sends descriptors to all push consumers, for the message whose header has this seq_id and fd_count. Call it before
 * that message is committed: then the descriptors are there when the message is seen. The caller keeps its own.
 *   ZBQ_OK             sent to all, also where there are no consumers; fd_count 0: nothing was looked at.
 *   ZBQ_ERROR_INVALID  no valid handle; fds is NULL; fd_count is above ZBQ_MAX_FD_PER_MSG.
 *   ZBQ_ERROR_AGAIN    a consumer has not fetched what was sent before, and has no room; the others were sent it.
 *   ZBQ_ERROR_IO       one of the descriptors is not open: nobody was sent anything.
 * A consumer that is gone is evicted, and no error.
 */
int zbq_producer_broadcast_fds(zbq_producer *prod, uint64_t seq_id, const int *fds, uint8_t fd_count);

/*
 * Evicts consumers that are gone, that have something to read and made no progress for stall_timeout_ns, or whose page
 * says what cannot be.
 *   ZBQ_OK             done.
 *   ZBQ_ERROR_INVALID  no valid handle.
 */
int zbq_producer_scan(zbq_producer *prod);

/* ---- The consumer ------------------------------------------------------------------------------------------------ */

/*
 * Becomes a consumer of the producer at the other end of a connected Unix socket, which has to call
 * zbq_producer_handshake with the same mode. Waits for that for 5 seconds. The socket stays the caller's, who may close
 * it afterwards.
 *   ZBQ_OK              *out is the consumer; end it with zbq_consumer_destroy.
 *   ZBQ_ERROR_INVALID   out is NULL; rendezvous_fd is negative; mode is none.
 *   ZBQ_ERROR_IO        rendezvous_fd is no connected socket, or the other end was closed; no more descriptors for
 *                       what is opened besides.
 *   ZBQ_ERROR_AGAIN     there was no answer.
 *   ZBQ_ERROR_PROTOCOL  what came is no ring: wrong size, wrong descriptors or some lost because this process may have
 *                       no more, memory that could be taken away or that others could write, another mode.
 *   ZBQ_ERROR_NOMEM     there is no room to map the ring.
 * On failure *out is NULL, and every descriptor that came is closed.
 */
int zbq_consumer_join(int rendezvous_fd, zbq_wakeup_mode mode, zbq_consumer **out);

/*
 * Leaves the ring; the producer frees the slot when it scans. Views are not valid any more. NULL, or a handle that was
 * destroyed before: does nothing.
 */
void zbq_consumer_destroy(zbq_consumer *cons);

/*
 * Whether the process of the producer lives: also where it called zbq_producer_destroy. No valid handle: false.
 */
bool zbq_consumer_is_producer_alive(zbq_consumer *cons);

/* Reads the producer's head, with acquire. Up to there zbq_consumer_publish may go. No valid handle: 0. */
uint64_t zbq_consumer_acquire_head(const zbq_consumer *cons);

/*
 * Shows the message at the tail, which stays there: the same again until zbq_consumer_publish.
 *   ZBQ_OK              *out is the message.
 *   ZBQ_ERROR_INVALID   no valid handle; out is NULL.
 *   ZBQ_ERROR_AGAIN     there is nothing to read yet.
 *   ZBQ_ERROR_OVERFLOW  this consumer was evicted. Messages that it looks at at this moment may be overwritten, too.
 *   ZBQ_ERROR_PROTOCOL  what is there is no message, or the tail was changed to what cannot be.
 * On failure *out is as it was.
 */
int zbq_consumer_peek(zbq_consumer *cons, zbq_msg_view *out);

/*
 * Not for producers that are not trusted: what is received can be anything that has a descriptor, and may block.
 * Receives the descriptors of the message whose header has this seq_id, without waiting. out_fds has room for
 * ZBQ_MAX_FD_PER_MSG; *out_fd_count is how many came, which the caller closes. Descriptors of earlier messages, which
 * were not fetched, are closed on the way.
 *   ZBQ_OK              they are there.
 *   ZBQ_ERROR_INVALID   no valid handle; out_fds or out_fd_count is NULL.
 *   ZBQ_ERROR_AGAIN     nothing is there. They are sent before their message: for one that can be seen already they will
 *                       not come any more, because this consumer's socket was full, or it joined in between.
 *   ZBQ_ERROR_NOENT     pull mode; or there are only those of a later message, which stay.
 *   ZBQ_ERROR_IO        nothing is there, and the producer is gone.
 *   ZBQ_ERROR_PROTOCOL  what came is no such record, or could not be received whole; its descriptors were closed.
 * On failure *out_fd_count is 0.
 */
int zbq_consumer_recv_fds(zbq_consumer *cons, uint64_t expected_seq_id, int *out_fds, uint8_t *out_fd_count);

/*
 * Gives the room before new_tail, rounded up to ZBQ_MSG_ALIGN, back to the producer, and notes the time.
 * Not beyond the head that was read last (zbq_consumer_acquire_head, zbq_consumer_peek) and not before the present
 * tail: such a call does nothing, as one without a valid handle. The present tail: only the time is noted.
 */
void zbq_consumer_publish(zbq_consumer *cons, uint64_t new_tail);

/* The word that changes with every commit, with acquire. No valid handle: 0. */
uint32_t zbq_consumer_get_futex_token(const zbq_consumer *cons);

/*
 * Sleeps until the word differs from the token, for 100 ms at most. Does not sleep where the producer committed since
 * this consumer last read the head.
 *   ZBQ_OK             the word differs, or there is something to look at.
 *   ZBQ_ERROR_AGAIN    it woke, or the time is over, and nothing was committed.
 *   ZBQ_ERROR_INVALID  no valid handle; pull mode.
 */
int zbq_consumer_wait_broadcast(zbq_consumer *cons, uint32_t token);

/* Up to where this consumer is done, as its page says, with acquire. No valid handle: 0. */
uint64_t zbq_consumer_tail(const zbq_consumer *cons);

/* The producer's page. No valid handle: NULL. */
const zbq_control_region *zbq_consumer_ctrl(const zbq_consumer *cons);

/* This consumer's own page. What is changed there is checked again before it is used. No valid handle: NULL. */
zbq_consumer_metadata *zbq_consumer_meta(zbq_consumer *cons);

/* ---- Extensions of this implementation: other libraries with this interface do not have them --------------------- */

/*
 * In zbq_msg_header.flags: no message, but the rest before the physical end of the ring, which zbq_producer_reserve
 * did not use. Consumers of this library never show it; those of others see a message with this flag, and skip it.
 */
#define ZBQ_MSG_PADDING 0x80

/* Why a consumer is none any more: zbq_consumer_evicted. */
typedef enum zbq_eviction {
    ZBQ_EVICTED_NOT = 0,
    ZBQ_EVICTED_GONE = 1,       /* it closed its side socket, or its process ended */
    ZBQ_EVICTED_STALLED = 2,    /* it had something to read, and made no progress for stall_timeout_ns */
    ZBQ_EVICTED_CORRUPT = 3,    /* its tail was not aligned, went backwards, or was beyond the head */
    ZBQ_EVICTED_TOO_SLOW = 4,   /* it was far behind for too long */
    ZBQ_EVICTED_FDS_UNREAD = 5  /* it did not fetch descriptors until too many of this user's were under way */
} zbq_eviction;

/*
 * As zbq_producer_query, for a message of so many bytes, header included. Where that does not fit before the physical
 * end of the ring, the rest there is committed as padding, and the run is at the start of the ring. max_bytes is 0 or
 * at least bytes, rounded up to ZBQ_MSG_ALIGN; 0 also for what is larger than the ring, or
 * than 4 GiB.
 */
zbq_contiguous_run zbq_producer_reserve(zbq_producer *prod, uint64_t bytes);

/*
 * So many nanoseconds a consumer may leave more than three quarters of the ring unread, or less room than was asked for,
 * whatever progress it makes or says that it makes, before a scan evicts it; 0, as at first: for ever. Where consumers
 * are not trusted, this keeps one from holding the producer up. Any thread.
 *   ZBQ_OK             from now on.
 *   ZBQ_ERROR_INVALID  no valid handle.
 */
int zbq_producer_set_slow_timeout(zbq_producer *prod, uint64_t timeout_ns);

/*
 * As zbq_consumer_peek, for the next messages up to the head, at most capacity of them, in views[0] to
 * views[*out_count - 1]. One zbq_consumer_publish behind the last of them gives all their room back.
 *   ZBQ_OK              *out_count is at least 1.
 *   ZBQ_ERROR_INVALID   no valid handle; views or out_count is NULL; capacity is 0 or above INT32_MAX.
 *   others              as zbq_consumer_peek, for the first message; a later one that is refused ends the batch.
 * On failure *out_count is 0.
 */
int zbq_consumer_peek_batch(zbq_consumer *cons, zbq_msg_view *views, uint32_t capacity, uint32_t *out_count);

/*
 * As zbq_consumer_wait_broadcast, for at most timeout_ms milliseconds; 0 only looks. Negative: ZBQ_ERROR_INVALID.
 * A long sleep is a bet that nobody disturbs it; see "Sleeping" above.
 */
int zbq_consumer_wait_broadcast_for(zbq_consumer *cons, uint32_t token, int timeout_ms);

/*
 * Whether the producer still has this consumer: false as well where it called zbq_producer_destroy, or evicted this
 * consumer. What was committed before can be read all the same, unless this one was evicted. No valid handle: false.
 */
bool zbq_consumer_is_producer_connected(zbq_consumer *cons);

/* A zbq_eviction: ZBQ_EVICTED_NOT as long as this is a consumer. No valid handle: ZBQ_ERROR_INVALID. */
int zbq_consumer_evicted(const zbq_consumer *cons);

#ifdef __cplusplus
}
#endif

#endif
