/*
 * A message is read while its reader is evicted and the room is written again.
 *
 * Code: RingSlot.Revoke, RawRingProducer.Evict, Rescan, Scan; RingMessage.IsIntact, RingBatch, RawRingConsumer.Publish.
 * Checked: a reader that finds itself not evicted after it read has the message as it was written.
 *
 * The ring holds one message of two words. The reader is evicted at any time, as for any reason: by the writer, which
 * does not believe a tail while it looks for room, and writes on without another lock; or by a thread that scans.
 */
#define THREADS 3
#define WORDS 5

#define READER 0
#define WRITER 1
#define SCANNER 2

#define FIRST_WORD 0
#define SECOND_WORD 1
#define FIRST_PLAIN FIRST_WORD
#define LAST_PLAIN PLAIN_END
#define HEAD 2
#define TAIL 3
#define EVICTED 4

#ifdef HEAD_NOT_RELEASED
#define PLAIN_END HEAD
#else
#define PLAIN_END SECOND_WORD
#endif

#define MESSAGES 3

#include "memory.pml"

bool gate;
bool isGating = true;       /* the reader is in the set whose tails count; guarded by the gate */

inline lock() { atomic { !gate -> gate = true } }

inline evict(thread)
{
#ifdef EVICT_AFTER_REUSE
    isGating = false
#else
    release(thread, EVICTED, 1);
#ifndef NO_EVICT_FENCE
    fence(thread);          /* Revoke. The barrier that goes with the new set would do as well. */
#endif
    isGating = false
#endif
}

proctype Writer()
{
    byte number = 1;

    do
    :: number <= MESSAGES ->
        /* Rescan. A lock that this thread had is no barrier to its own later stores. */
        do
        :: lock();
            if
            :: !isGating || mem[TAIL] == number - 1 -> gate = false; break
            :: isGating && mem[TAIL] != number - 1 -> gate = false
            :: isGating -> evict(WRITER); gate = false; break
            fi
        od;
        store(WRITER, FIRST_WORD, number);
        store(WRITER, SECOND_WORD, number);
#ifdef HEAD_NOT_RELEASED
        store(WRITER, HEAD, number);
#else
        release(WRITER, HEAD, number);
#endif
#ifdef EVICT_AFTER_REUSE
        if
        :: !isGating -> release(WRITER, EVICTED, 1)
        :: else
        fi;
#endif
        number++
    :: else -> break
    od
}

proctype Scanner()
{
    lock();
    if
    :: isGating -> evict(SCANNER)
    :: else
    fi;
#ifndef NO_EVICT_FENCE
    fence(SCANNER);         /* what a thread did under a lock is seen by the next that takes it */
#endif
    gate = false
}

proctype Reader()
{
    byte number = 1, first, second, evicted;

    do
    :: number <= MESSAGES ->
        if
        :: mem[HEAD] >= number
        :: mem[EVICTED] == 1 -> break
        fi;
#ifdef LOOK_FIRST
        evicted = mem[EVICTED];
#endif
#ifdef TAIL_BEFORE_READ
        release(READER, TAIL, number);
#endif
#ifdef NO_LOAD_BARRIER
        /* Loads that nothing keeps in order. */
        if
        :: first = mem[FIRST_WORD]; second = mem[SECOND_WORD]; evicted = mem[EVICTED]
        :: evicted = mem[EVICTED]; first = mem[FIRST_WORD]; second = mem[SECOND_WORD]
        fi;
#else
        first = mem[FIRST_WORD];
        second = mem[SECOND_WORD];
#ifndef LOOK_FIRST
        evicted = mem[EVICTED];
#endif
#endif
        if
        :: evicted == 0 -> assert(first == number && second == number)
        :: else -> break
        fi;
        first = 0; second = 0;
#ifndef TAIL_BEFORE_READ
        release(READER, TAIL, number);
#endif
        number++
    :: else -> break
    od
}

init
{
    atomic {
        run Writer();
        run Scanner();
        run Reader();
        start_memory()
    }
}
