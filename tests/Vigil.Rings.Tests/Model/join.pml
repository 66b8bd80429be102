/*
 * A consumer joins while the writer, which knows nothing of it yet, runs ahead.
 *
 * Code: RawRingProducer.Join, Add, Rescan, Claim; RawRingConsumer.ViewAt, Publish.
 * Checked: whoever joined reads, from the head it was given on, every message as it was written.
 *
 * A message is one word and carries its own offset. The writer looks at the tails only when it has used up the room
 * that it knows of, a capacity beyond the smallest tail at its last look.
 */
#define CAPACITY 2
#ifndef MESSAGES
#define MESSAGES 5
#endif
#define CONSUMERS 2
#define THREADS 4
#define WORDS (CAPACITY + 1 + CONSUMERS)

#define WRITER CONSUMERS    /* threads 0 and 1 are the consumers */
#define GATEKEEPER 3        /* another thread of the producer's process */

#define HEAD CAPACITY
#define TAIL (CAPACITY + 1)
#define FIRST_PLAIN 0
#define LAST_PLAIN (CAPACITY - 1)

#include "memory.pml"

bool gate;
bool isIn[CONSUMERS];       /* the set; guarded by the gate */
byte first[CONSUMERS];      /* the head that the joiner was given; the tail until it publishes one */
bool hasJoined[CONSUMERS];

inline lock()           { atomic { !gate -> gate = true } }
inline unlock(thread)   { atomic { empty(pending[thread]) -> gate = false } }

inline take_tail(i)
{
    if
    :: isIn[i] ->
        tail = (mem[TAIL + i] > first[i] -> mem[TAIL + i] : first[i]);
        least = (tail < least -> tail : least);
        tail = 0
    :: else
    fi
}

proctype Writer()
{
    byte head, limit = CAPACITY, least, tail;

    do
    :: head < MESSAGES && head != limit ->
#ifdef HEAD_FIRST
        release(WRITER, HEAD, head + 1);
        store(WRITER, head % CAPACITY, head + 1);
#else
        store(WRITER, head % CAPACITY, head + 1);
        release(WRITER, HEAD, head + 1);
#endif
        head++
    :: head < MESSAGES && head == limit ->
        /* Rescan */
#ifndef RESCAN_WITHOUT_GATE
        lock();
#endif
        least = head;
        take_tail(0);
        take_tail(1);
        limit = least + CAPACITY;
        least = 0;
#ifndef RESCAN_WITHOUT_GATE
        unlock(WRITER)
#endif
    :: head == MESSAGES -> break
    od
}

proctype Gatekeeper()
{
    byte i, head;

    for (i : 0 .. CONSUMERS - 1) {
#ifdef HEAD_BEFORE_GATE
        head = mem[HEAD];
        lock();
#else
        lock();
        head = mem[HEAD];
#endif
        d_step { first[i] = head; head = 0 };
        isIn[i] = true;
        unlock(GATEKEEPER);
        hasJoined[i] = true
    }
}

proctype Consumer(byte me)
{
    byte tail;

    hasJoined[me] -> tail = first[me];
    do
    :: mem[HEAD] > tail ->
#ifdef TAIL_BEFORE_READ
        release(me, TAIL + me, tail + 1);
        assert(mem[tail % CAPACITY] == tail + 1);
#else
        assert(mem[tail % CAPACITY] == tail + 1);
        release(me, TAIL + me, tail + 1);
#endif
        tail++
    :: tail == MESSAGES -> break
    od
}

init
{
    atomic {
        run Writer();
        run Gatekeeper();
        run Consumer(0);
        run Consumer(1);
        start_memory()
    }
}
