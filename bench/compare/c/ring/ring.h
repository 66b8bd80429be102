/*
 * The ring of Vigil.Rings once more in C, as fast as we know how to write it: the measure for the .NET one.
 *
 * One writer, many readers, in shared memory. The writer owns the control page and the data, each reader one page with
 * its tail. The writer keeps the smallest tail it has seen and looks at the tails only when that leaves no room; a
 * commit is two stores, a fence, and a look at each reader's "waiting" word, and a system call only where one sleeps.
 * A reader takes everything up to the head it has seen and publishes its tail once; it looks at the head again after 32
 * pauses, and sleeps on a futex when it has looked for 20 microseconds. One that finds something at every look is hard
 * behind the writer: it pauses before it looks, too, or the two would have the line of the head in turns.
 *
 * Other than the .NET ring this one has a fixed set of readers, which are never evicted.
 */
#ifndef RING_H
#define RING_H

#include "bench.h"
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>

enum {
    RING_ALIGNMENT = 16,
    RING_PADDING = 0x80,
    RING_AWAKE = 1,
    RING_FIRST_SLEEP = 2,
    RING_SLEEP_MS = 100,
    RING_STREAK = 4,
};

struct ring_control {
    _Alignas(64) _Atomic uint64_t head;      /* SYNC POINT: head */
    _Alignas(64) _Atomic uint32_t broadcast; /* SYNC POINT: broadcast */
    _Alignas(64) int32_t producer_pid;
    _Alignas(64) uint64_t capacity;
    uint64_t clog_threshold, stall_timeout_ns;
};
_Static_assert(sizeof(struct ring_control) == 256, "control");

struct ring_page {
    _Atomic uint64_t tail; /* SYNC POINT: tail */
    _Atomic uint64_t progress_ns;
    uint64_t baseline_ns;
    _Alignas(128) _Atomic uint32_t waiting; /* SYNC POINT: waiting */
    _Alignas(64) _Atomic uint32_t evicted;
    _Alignas(64) char rest[4096 - 256];
};
_Static_assert(sizeof(struct ring_page) == 4096, "page");

/* The memory of a ring, as a process has mapped it. */
struct ring {
    struct ring_control *control;
    unsigned char *data;
    struct ring_page *pages[MAX_CONSUMERS];
    uint64_t capacity;
    int consumers;
};

static inline void *map_memory(uint64_t bytes)
{
    int fd = memfd_create("ring", MFD_CLOEXEC);
    if (fd < 0 || fallocate(fd, 0, 0, (off_t)bytes) != 0)
        die("memfd");
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (at == MAP_FAILED)
        die("mmap");
    close(fd);
    return at;
}

/* Made before the fork: both processes have it at the same place. */
static inline struct ring ring_create(uint64_t capacity, int consumers)
{
    struct ring ring = { .control = map_memory(4096), .data = map_memory(capacity), .capacity = capacity };
    ring.consumers = consumers;
    ring.control->capacity = capacity;
    for (int i = 0; i < consumers; i++) {
        ring.pages[i] = map_memory(sizeof *ring.pages[i]);
        ring.pages[i]->baseline_ns = coarse_ns();
        atomic_store(&ring.pages[i]->waiting, RING_AWAKE);
    }
    return ring;
}

static inline void futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* ---- the writer ---- */

struct ring_slot {
    struct ring_page *page;
    uint64_t tail;
    uint32_t woken_sleep;
};

struct ring_producer {
    struct ring_control *control;
    unsigned char *data;
    uint64_t capacity, head, physical, min_tail;
    uint32_t broadcast;
    int slot_count;
    uint64_t wakes, full;
    struct ring_slot slots[MAX_CONSUMERS];
};

static inline struct ring_producer ring_produce(const struct ring *ring)
{
    struct ring_producer p = { .control = ring->control, .data = ring->data, .capacity = ring->capacity };
    p.slot_count = ring->consumers;
    for (int i = 0; i < ring->consumers; i++)
        p.slots[i] = (struct ring_slot){ .page = ring->pages[i], .woken_sleep = RING_AWAKE };
    return p;
}

/* What the readers leave free by their tails as they are now. */
static __attribute__((noinline)) uint64_t ring_rescan(struct ring_producer *p)
{
    uint64_t longest = 0;
    for (int i = 0; i < p->slot_count; i++) {
        struct ring_slot *slot = &p->slots[i];
        uint64_t tail = atomic_load_explicit(&slot->page->tail, memory_order_acquire); /* SYNC POINT: tail */
        if (tail % RING_ALIGNMENT != 0 || tail - slot->tail > p->head - slot->tail)
            wrong("tail of a reader", slot->tail, tail);
        slot->tail = tail;
        if (p->head - tail > longest)
            longest = p->head - tail;
    }
    p->min_tail = p->head - longest;
    return p->capacity - longest;
}

static inline int ring_has_room(struct ring_producer *p, uint64_t bytes)
{
    return bytes <= p->capacity - (p->head - p->min_tail) || bytes <= ring_rescan(p);
}

static inline void ring_publish(struct ring_producer *p, uint64_t bytes)
{
    p->head += bytes;
    p->physical += bytes;
    if (p->physical >= p->capacity)
        p->physical -= p->capacity;
    atomic_store_explicit(&p->control->head, p->head, memory_order_release); /* SYNC POINT: head */
    atomic_store_explicit(&p->control->broadcast, ++p->broadcast, memory_order_release); /* SYNC POINT: broadcast */
    atomic_thread_fence(memory_order_seq_cst); /* SYNC POINT: waiting */
    int wake = 0;
    for (int i = 0; i < p->slot_count; i++) {
        struct ring_slot *slot = &p->slots[i];
        uint32_t waiting = atomic_load_explicit(&slot->page->waiting, memory_order_acquire);
        if (waiting != RING_AWAKE && waiting != slot->woken_sleep) {
            slot->woken_sleep = waiting;
            wake = 1;
        }
    }
    if (__builtin_expect(wake, 0)) {
        p->wakes++;
        futex_wake(&p->control->broadcast);
    }
}

/* A contiguous run; NULL where a reader has to read first. Fills the end of the ring where the run does not fit. */
static inline void *ring_reserve(struct ring_producer *p, uint64_t bytes)
{
    uint64_t rest = p->capacity - p->physical;
    if (__builtin_expect(bytes > rest, 0)) {
        if (!ring_has_room(p, rest))
            return NULL;
        struct message_header *padding = (struct message_header *)(p->data + p->physical);
        *padding = (struct message_header){ .payload_bytes = (uint32_t)(rest - HEADER_BYTES), .flags = RING_PADDING };
        ring_publish(p, rest);
    }
    return ring_has_room(p, bytes) ? p->data + p->physical : NULL;
}

/* The same, but waits. Who found no room waits until an eighth is free, or the two would meet at every message. */
static inline void *ring_reserve_waiting(struct ring_producer *p, uint64_t bytes)
{
    void *at = ring_reserve(p, bytes);
    if (__builtin_expect(at != NULL, 1))
        return at;
    p->full++;
    uint64_t enough = bytes > p->capacity / 8 ? bytes : p->capacity / 8;
    for (int looks = 1; ring_rescan(p) < enough; looks++) {
        pause_a_while();
        if (looks % YIELD_AFTER == 0)
            sched_yield();
    }
    return ring_reserve_waiting(p, bytes);
}

static inline void ring_commit(struct ring_producer *p, uint64_t bytes)
{
    ring_publish(p, bytes);
}

/* ---- a reader ---- */

enum ring_wait { RING_SPIN, RING_ADAPTIVE, RING_SLEEP };

struct ring_consumer {
    const struct ring_control *control;
    const unsigned char *data;
    struct ring_page *page;
    uint64_t capacity, tail, physical, head, published;
    uint32_t sleep;
    uint32_t streak; /* looks in a row that found something */
    uint64_t sleeps;
};

static inline struct ring_consumer ring_consume(const struct ring *ring, int index)
{
    struct ring_consumer c = { .control = ring->control, .data = ring->data, .capacity = ring->capacity };
    c.page = ring->pages[index];
    c.sleep = RING_FIRST_SLEEP;
    return c;
}

/* The message at the tail, and goes past it; NULL where the head that was seen is reached. */
static inline const struct message_header *ring_next(struct ring_consumer *c, uint64_t *payload_bytes)
{
    for (;;) {
        uint64_t available = c->head - c->tail;
        if (available == 0)
            return NULL;
        const struct message_header *header = (const struct message_header *)(c->data + c->physical);
        uint64_t payload = *(const volatile uint32_t *)&header->payload_bytes;
        uint64_t total = (HEADER_BYTES + payload + (RING_ALIGNMENT - 1)) & ~(uint64_t)(RING_ALIGNMENT - 1);
        uint64_t rest = c->capacity - c->physical;
        if (__builtin_expect(available > c->capacity || total > available || total > rest, 0)
            || __builtin_expect(atomic_load_explicit(&c->page->evicted, memory_order_acquire) != 0, 0))
            wrong("length of a message", available < rest ? available : rest, total);
        c->tail += total;
        c->physical = total == rest ? 0 : c->physical + total;
        if (__builtin_expect(header->flags & RING_PADDING, 0))
            continue;
        *payload_bytes = payload;
        return header;
    }
}

static inline void ring_release(struct ring_consumer *c)
{
    uint64_t progress = coarse_ns() - c->page->baseline_ns;
    atomic_store_explicit(&c->page->progress_ns, progress, memory_order_relaxed);
    atomic_store_explicit(&c->page->tail, c->tail, memory_order_release); /* SYNC POINT: tail */
    c->published = c->tail;
}

static inline int ring_has_news(struct ring_consumer *c)
{
    c->head = atomic_load_explicit(&c->control->head, memory_order_acquire); /* SYNC POINT: head */
    return c->head != c->tail;
}

/* Sleeps unless something came. One look at the clock, one sleep at most. */
static __attribute__((noinline)) void ring_sleep(struct ring_consumer *c)
{
    static const struct timespec limit = { .tv_nsec = RING_SLEEP_MS * 1000000L };
    uint32_t token = atomic_load_explicit(&c->control->broadcast, memory_order_acquire); /* SYNC POINT: broadcast */
    c->sleep = c->sleep == UINT32_MAX ? RING_FIRST_SLEEP : c->sleep + 1;
    atomic_store_explicit(&c->page->waiting, c->sleep, memory_order_release); /* SYNC POINT: waiting */
    atomic_thread_fence(memory_order_seq_cst);
    if (!ring_has_news(c)) {
        c->sleeps++;
        syscall(SYS_futex, &c->control->broadcast, FUTEX_WAIT, token, &limit, NULL, 0);
    }
    atomic_store_explicit(&c->page->waiting, RING_AWAKE, memory_order_release);
}

/* Returns when there is something to read. Pauses: few find a message soon, many leave the writer's line alone. */
static inline void ring_await(struct ring_consumer *c, enum ring_wait how, int pauses)
{
    if (c->streak >= RING_STREAK)
        pause_a_while();
    if (ring_has_news(c)) {
        c->streak++;
        return;
    }
    c->streak = 0;
    uint64_t until = how == RING_ADAPTIVE ? now_ns() + spin_ns : 0;
    do {
        if (how == RING_SLEEP || (how == RING_ADAPTIVE && now_ns() >= until)) {
            ring_sleep(c);
        } else {
            for (int i = 0; i < pauses; i++)
                pause_once();
        }
    } while (!ring_has_news(c));
}

#endif
