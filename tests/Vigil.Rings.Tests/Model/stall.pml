/*
 * When a consumer counts as hung: never before it had something to read, and made no progress, for the stall time-out.
 *
 * Code: RawRingProducer.Scan, IsStalled, NoteCommitTime, TryReadTail, Rescan.
 * Checked: at an eviction the time-out has passed since the later of two moments: the commit of what the consumer has
 * to read next, and its own last step.
 *
 * One consumer is looked at; what the others do is left open: whether all had read everything may have either answer.
 * Time passes in ticks, which may come at any point. Memory is plain here: only times are compared, and late news make
 * a time later. A consumer need not say that it made progress; C programs may not.
 */
#define TIMEOUT 2
#define TICKS 3
#define MESSAGES 2
#define NEVER 255

byte now;
byte head;
byte tail;
byte said;                          /* ProgressNs; the baseline is 0 */
byte committed[MESSAGES + 1];       /* when what begins there was shown; for the check alone */
byte arrived;                       /* when the tail came where it is; for the check alone */

bool gate;                          /* the scanner's; a rescan by the writer is one step */
byte slotTail;
byte slotArrived;                   /* of that tail; for the check alone */
byte caughtUpAt;
byte caughtUpTime;                  /* for the mutant that goes by it */
byte blockedSince = NEVER;

bool wantsCommitTime = true;        /* since it joined */
byte firstCommit = NEVER;           /* its time */
byte firstCommitAt = NEVER;         /* where it began */
bool isDone;

/* TryReadTail */
inline read_tail()
{
    if
    :: tail != slotTail ->
        committed[slotTail] = 0;        /* no longer asked for */
        slotTail = tail;
        slotArrived = arrived;
#ifndef TIME_KEPT_BY_RESCAN
        blockedSince = NEVER
#endif
    :: else
    fi
}

proctype Writer()
{
    do
    :: head < MESSAGES && !isDone ->
        d_step { committed[head] = now; head++ };
        if
        :: wantsCommitTime ->
            firstCommit = now;
            d_step { firstCommitAt = head - 1; wantsCommitTime = false }
        :: else
        fi
    :: d_step { !gate && tail != slotTail -> read_tail() }      /* Rescan */
    :: head == MESSAGES || isDone -> break
    od
}

inline evict()
{
#ifdef NOBODY_IS_EVICTED
    assert(false);
#endif
    assert(time - committed[slotTail] >= TIMEOUT);
    assert(time - slotArrived >= TIMEOUT);
    isDone = true
}

/* One step for all that the gate guards; a step each for what others write meanwhile. */
proctype Scanner()
{
    byte time, seenHead, since;
    bool isFirst;

    do
    :: isDone -> break
    :: else ->
#ifdef TIME_READ_FIRST
        d_step { gate = true; time = now };
        d_step { read_tail() };
        seenHead = head;
#else
        d_step { gate = true; read_tail() };
        seenHead = head;
        time = now;
#endif
        if
        :: slotTail == seenHead ->
            d_step {
                caughtUpAt = seenHead;
#ifdef COMMIT_TIME_BY_CLOCK
                caughtUpTime = now;
#endif
                blockedSince = NEVER;
                seenHead = 0;
                time = 0
            };
            if
            :: wantsCommitTime = true
            :: true                     /* another one has something to read */
            fi
        :: slotTail != seenHead && blockedSince != NEVER -> seenHead = 0
        :: slotTail != seenHead && blockedSince == NEVER ->
            seenHead = 0;
#if defined(COMMIT_TIME_OF_ANY)
            isFirst = (slotTail == caughtUpAt && !wantsCommitTime);
#elif defined(COMMIT_TIME_BY_CLOCK)
            isFirst = (slotTail == caughtUpAt && firstCommit != NEVER && firstCommit > caughtUpTime);
#elif defined(COMMIT_TIME_OF_THE_BUSY)
            isFirst = (slotTail == firstCommitAt);
#else
            isFirst = (slotTail == firstCommitAt && slotTail == caughtUpAt);
#endif
            d_step {
                blockedSince = (isFirst && firstCommit < time -> firstCommit : time);
                isFirst = false
            }
        fi;
        d_step {
            if
            :: blockedSince != NEVER ->
#ifdef SAID_ALONE
                since = said;
#else
                since = (said <= time && said > blockedSince -> said : blockedSince);
#endif
                if
                :: time - since >= TIMEOUT -> evict()
                :: else
                fi;
                since = 0;
                time = 0
            :: else
            fi;
            gate = false
        }
    od
}

proctype Consumer()
{
    do
    :: d_step { tail < head && !isDone -> said = now };
        d_step { tail++; arrived = now }
    :: d_step { tail < head && !isDone -> tail++; arrived = now }
    :: true -> break    /* hung from here on */
    od
}

proctype Clock()
{
    do
    :: d_step { now < TICKS && !isDone -> now++ }
    :: else -> break
    od
}

init
{
    atomic {
        run Writer();
        run Scanner();
        run Consumer();
        run Clock()
    }
}
