/*
 * One thread uses an object without a fence, another disposes it.
 *
 * Code: UseGuard.
 * Checked: what is to be released is not released while it is used, and is released in the end.
 */
#define USES 2
#define THREADS 2
#define WORDS 2

#define USER 0
#define DISPOSER 1

#define DEPTH 0
#define IS_CLOSED 1

#include "memory.pml"

bool isUsed;
bool isReleased;

proctype User()
{
    byte uses;

    do
    :: uses < USES ->
        uses++;
        release(USER, DEPTH, 1);        /* TryEnter */
        if
        :: mem[IS_CLOSED] == 0 ->
            isUsed = true;
            assert(!isReleased);
            isUsed = false
        :: mem[IS_CLOSED] == 1
        fi;
#ifdef LOOK_BEFORE_LEAVING
        if
        :: mem[IS_CLOSED] == 1 -> isReleased = true
        :: mem[IS_CLOSED] == 0
        fi;
        release(USER, DEPTH, 0)
#else
        release(USER, DEPTH, 0);        /* Leave; after a TryEnter that said false, too */
        if
        :: mem[IS_CLOSED] == 1 -> isReleased = true
        :: mem[IS_CLOSED] == 0
        fi
#endif
    :: else -> break
    od
}

proctype Disposer()
{
    release(DISPOSER, IS_CLOSED, 1);    /* Close */
#ifndef NO_PROCESS_BARRIER
    fence(DISPOSER);
    fence(USER);
#endif
    if
    :: mem[DEPTH] == 0 -> assert(!isUsed); isReleased = true
    :: mem[DEPTH] != 0
    fi
}

proctype Quiet()
{
end:
    timeout -> assert(isReleased)
}

init
{
    atomic {
        run User();
        run Disposer();
        run Quiet();
        start_memory()
    }
}
