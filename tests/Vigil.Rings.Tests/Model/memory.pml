/*
 * Shared memory as weak as the code has to take it: every thread has a buffer of stores that the others do not see yet.
 *
 * A release (Volatile.Write) leaves the buffer when all older stores have left it. A plain store may leave it earlier,
 * also before an older release, as on arm64; only stores to the same word keep their order. A fence waits until the
 * buffer is empty. Loads are done at once and in their order, as acquiring loads are (Volatile.Read). No thread reads
 * a word that it writes itself: in the code it has its own copy of it. So a load need not look into the buffer.
 *
 * The including model defines WORDS, THREADS and, where there are plain stores, FIRST_PLAIN and LAST_PLAIN: the words
 * that are stored so. A full buffer waits for room, so PENDING, too, says how weak the memory is.
 */
#ifndef PENDING
#define PENDING 2
#endif

byte mem[WORDS];
chan pending[THREADS] = [PENDING] of { byte, byte, bit };

inline store(thread, word, value)   { pending[thread] ! word, value, 0 }
inline release(thread, word, value) { pending[thread] ! word, value, 1 }
inline fence(thread)                { empty(pending[thread]) }

/* What the processor does with the buffer of one thread, at any time. */
proctype Drain(byte thread)
{
    byte word, value;
end:
    do
    :: d_step {
        pending[thread] ? word, value, 1 ->
            mem[word] = value; word = 0; value = 0
       }
#ifdef FIRST_PLAIN
    :: atomic {
        nempty(pending[thread]) ->
            word = FIRST_PLAIN;
            do
            :: word < LAST_PLAIN -> word++
            :: break
            od;
            if
            :: pending[thread] ?? [eval(word), value, 0] ->
                pending[thread] ?? eval(word), value, 0;
                mem[word] = value
            :: else
            fi;
            word = 0; value = 0
       }
#endif
    od
}

inline start_memory()
{
    byte each;
    for (each : 0 .. THREADS - 1) {
        run Drain(each)
    }
}
