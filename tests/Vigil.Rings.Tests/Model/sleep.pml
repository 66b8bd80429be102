/*
 * A producer that commits and wakes only who sleeps, against consumers that sleep until something is committed.
 *
 * Code: RawRingProducer.Publish, WakeSleepers, RingSlot.NeedsWake; RawRingConsumer.WaitBroadcast.
 * Checked: when nothing moves any more, every consumer has seen everything. The sleeps of the model have no end of
 * their own, so it is not the bound of a sleep that saves anybody.
 */
#ifndef COMMITS
#define COMMITS 3
#endif
#ifndef CONSUMERS
#define CONSUMERS 1
#endif
#define THREADS (CONSUMERS + 1)
#define WORDS (CONSUMERS + 2)

#define PRODUCER CONSUMERS      /* its thread; those before are the consumers */
#define HEAD 0
#define BROADCAST 1
#define WAITING 2               /* the first consumer's; the second one's is the next word */

#define SAYS_NOTHING 0
#define AWAKE 1
#define FIRST_SLEEP 2

#ifndef SIGNALS
#define SIGNALS 1
#endif

#include "memory.pml"

bool asleep[CONSUMERS];         /* in the kernel's queue of the word BROADCAST */
byte seen[CONSUMERS];           /* the head that the consumer observed last */
byte signals = SIGNALS;         /* so many sleeps end without a wake */

/* RingSlot: the sleep that was woken last, and whether it was woken a second time. */
byte woken[CONSUMERS];
bool twice[CONSUMERS];

inline wake_all()
{
    asleep[0] = false;
#if CONSUMERS > 1
    asleep[1] = false
#endif
}

/* RingSlot.NeedsWake: one load, the rest is the writer's own. */
inline needs_wake(i)
{
    d_step {
        waiting = mem[WAITING + i];
        if
        :: waiting == AWAKE
        :: waiting == SAYS_NOTHING -> wake = true
#ifdef ONE_WAKE
        :: waiting >= FIRST_SLEEP && waiting == woken[i]
        :: waiting >= FIRST_SLEEP && waiting != woken[i] -> woken[i] = waiting; wake = true
#else
        :: waiting >= FIRST_SLEEP && waiting == woken[i] && twice[i]
        :: waiting >= FIRST_SLEEP && (waiting != woken[i] || !twice[i]) ->
            twice[i] = (waiting == woken[i]); woken[i] = waiting; wake = true
#endif
        fi;
        waiting = 0
    }
}

proctype Producer()
{
    byte head, waiting;
    bool wake;

    do
    :: head < COMMITS ->
#ifdef BROADCAST_FIRST
        release(PRODUCER, BROADCAST, head + 1);
        release(PRODUCER, HEAD, head + 1);
#else
        release(PRODUCER, HEAD, head + 1);
        release(PRODUCER, BROADCAST, head + 1);
#endif
        head++;
#ifndef NO_PRODUCER_FENCE
        fence(PRODUCER);
#endif
        needs_wake(0);
#if CONSUMERS > 1
        needs_wake(1);
#endif
        if
        :: wake ->
            /* FUTEX_WAKE, with the barrier that the kernel has before it looks for sleepers. */
            d_step { empty(pending[PRODUCER]) -> wake_all(); wake = false }
        :: else
        fi
    :: break    /* it may stop after any commit, so that no later wake makes up for a lost one */
    od
}

/* RawRingConsumer.HasNews: two loads. */
#ifdef WRONG_ORDER_WITHOUT_HEAD_CHECK
#define HEAD_NEWS false
#else
#define HEAD_NEWS mem[HEAD] != seen[me]
#endif
#define LOOK(to) \
    if :: mem[BROADCAST] != token -> goto to :: else fi; \
    if :: HEAD_NEWS -> goto to :: else fi

/* Reads all there is; the caller goes back to its beginning when there was something. */
inline peek()
{
    if
    :: d_step { mem[HEAD] != seen[me] -> seen[me] = mem[HEAD]; token = 0 }; goto next
    :: else
    fi
}

/*
 * A name that nobody remembers. The code counts up and comes back to a name after 2^32 - 2 sleeps; names are compared
 * for equality alone, so that the model can take the least one that is in no word and in no memory of the producer.
 */
#define IS_FREE(name) (woken[me] != name && mem[WAITING + me] != name)
#ifdef SAME_NAME
#define NEW_NAME FIRST_SLEEP
#else
#define NEW_NAME \
    (IS_FREE(FIRST_SLEEP) -> FIRST_SLEEP : (IS_FREE(FIRST_SLEEP + 1) -> FIRST_SLEEP + 1 : FIRST_SLEEP + 2))
#endif

inline say(value)
{
#ifdef LEGACY
    skip        /* a peer that does not know the word leaves 0 in it */
#else
    release(me, WAITING + me, value)
#endif
}

proctype Consumer(byte me)
{
    byte token;

next:
    if
    :: CONSUMERS == 1 || me == 0 -> token = mem[BROADCAST]; peek()
    :: CONSUMERS == 1 || me == 1 -> peek(); token = mem[BROADCAST]  /* the wrong order, which must do no harm */
    fi;

    /* WaitBroadcast */
    LOOK(next);
    say(NEW_NAME);
#ifndef NO_CONSUMER_FENCE
    fence(me);
#endif
#if !defined(NO_RECHECK) && !defined(NO_SECOND_LOOK)
    LOOK(rise);
#endif
again:
    skip;
    /* FUTEX_WAIT compares and falls asleep in one step. No barrier is assumed in it: futex(2) promises none. */
    d_step {
        if
#ifdef NO_RECHECK
        :: true -> asleep[me] = true
#else
        :: mem[BROADCAST] == token -> asleep[me] = true
        :: else
#endif
        fi;
        token = 0
    }
end_asleep:
    if
    :: !asleep[me]
    :: d_step { asleep[me] && signals > 0 -> signals--; asleep[me] = false }
    fi;
#ifdef MANY_LOOKS
    /* RingWait: a wait without a thread looks again and sleeps on under the same name until there is something. */
    token = mem[BROADCAST];
    if
    :: mem[HEAD] == seen[me] -> goto again
    :: else
    fi;
#endif
rise:
    say(AWAKE);
    goto next
}

proctype Quiet()
{
end:
    timeout ->
        assert(seen[0] == mem[HEAD]);
#if CONSUMERS > 1
        assert(seen[1] == mem[HEAD])
#endif
}

init
{
    byte i;

    atomic {
        for (i : 0 .. CONSUMERS - 1) {
#ifndef LEGACY
            mem[WAITING + i] = AWAKE;
#endif
            woken[i] = AWAKE;
            run Consumer(i)
        }
        run Producer();
        run Quiet();
        start_memory()
    }
}
