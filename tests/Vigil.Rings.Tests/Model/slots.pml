/*
 * The set of consumers changes while the writer commits without a lock.
 *
 * Code: RawRingProducer.Publish, WakeSleepers (which takes the flag and fences in one step), Add, Remove, Replace.
 * Checked: the writer touches no page that is unmapped; and a consumer that joined and sleeps is woken, although the
 * writer looked for consumers before there was one and does not fence while it has none.
 *
 * One consumer joins, sleeps and sees, and is taken out at any time after. The set is empty or holds just this one.
 */
#ifndef COMMITS
#define COMMITS 3
#endif
#define THREADS 3
#define WORDS 6

#define CONSUMER 0
#define WRITER 1
#define GATEKEEPER 2        /* another thread of the writer's process */

#define HEAD 0
#define BROADCAST 1
#define IS_WAKING 2
#define SLOTS 3             /* 1: the array with the consumer in it */
#define HAS_PUSH 4
#define WAITING 5

#define AWAKE 0
#define SLEEPS 1

#define PENDING 3
#include "memory.pml"

bool isMapped;
bool hasJoined;
bool isOut;                 /* taken out: what it sees no longer counts */
bool asleep;
byte seen;

inline touch_page()
{
    assert(isMapped);
    wake = (wake || mem[WAITING] == SLEEPS);
    assert(isMapped)
}

proctype Writer()
{
    byte head;
    bool wake, isIn;

    do
    :: head < COMMITS ->
        release(WRITER, HEAD, head + 1);
        release(WRITER, BROADCAST, head + 1);
        head++;
        if
        :: mem[HAS_PUSH] == 1 ->
#ifndef NO_WAKING_FLAG
            release(WRITER, IS_WAKING, 1);
#endif
#ifndef NO_PRODUCER_FENCE
            fence(WRITER);
#endif
            isIn = mem[SLOTS];
            if
            :: isIn -> touch_page()
            :: else
            fi;
            isIn = false;
#ifndef NO_WAKING_FLAG
            release(WRITER, IS_WAKING, 0);
#endif
            if
            :: wake -> d_step { empty(pending[WRITER]) -> asleep = false; wake = false }
            :: else
            fi
        :: mem[HAS_PUSH] == 0
        fi
    :: break    /* it may stop after any commit */
    od
}

/* Replace: the new array, then a barrier that every thread of the process passes, one after the other. */
inline replace(value)
{
    release(GATEKEEPER, SLOTS, value);
    release(GATEKEEPER, HAS_PUSH, value);
#if defined(NO_PROCESS_BARRIER)
    skip
#elif defined(NO_JOIN_BARRIER)
    if
    :: value == 0 -> fence(GATEKEEPER); fence(WRITER)
    :: else -> fence(GATEKEEPER)
    fi
#else
    fence(GATEKEEPER);
    fence(WRITER)
#endif
}

proctype Gatekeeper()
{
    /* Join: under the gate, as the rest. */
    seen = mem[HEAD];
    isMapped = true;
    replace(1);
    hasJoined = true;
    if
    :: true -> goto stays
    :: true
    fi;

    /* Evict, Remove */
    isOut = true;
#ifdef UNMAP_FIRST
    isMapped = false;
#endif
    replace(0);
#ifndef NO_WAIT_FOR_WRITER
    mem[IS_WAKING] == 0;
#endif
    isMapped = false;
stays:
    skip
}

#define LOOK(to) \
    if :: mem[BROADCAST] != token -> goto to :: else fi; \
    if :: mem[HEAD] != seen -> goto to :: else fi

proctype Consumer()
{
    byte token;

    hasJoined;
next:
    token = mem[BROADCAST];
    if
    :: d_step { mem[HEAD] != seen -> seen = mem[HEAD]; token = 0 }; goto next
    :: else
    fi;
    LOOK(next);
    release(CONSUMER, WAITING, SLEEPS);
    fence(CONSUMER);
    LOOK(rise);
    d_step {
        if
        :: mem[BROADCAST] == token -> asleep = true
        :: else
        fi;
        token = 0
    }
end_asleep:
    !asleep;
rise:
    release(CONSUMER, WAITING, AWAKE);
    goto next
}

proctype Quiet()
{
end:
    timeout -> assert(isOut || seen == mem[HEAD])
}

init
{
    atomic {
        run Writer();
        run Gatekeeper();
        run Consumer();
        run Quiet();
        start_memory()
    }
}
