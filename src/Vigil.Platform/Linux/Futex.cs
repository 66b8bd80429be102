using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// Sleeping until a word of shared memory changes: futex(2) in its form for several processes, which works on memory
/// that the sleeper may only read. Every sleep has an end: another process that maps the same word can move a sleeper
/// to a word that nobody wakes (FUTEX_REQUEUE). Thread-safe.
/// </summary>
public static partial class Futex
{
    /// <summary>How many words <see cref="WaitAny"/> can wait for: FUTEX_WAITV_MAX.</summary>
    public const int MaxWords = 128;

    private const int FUTEX_WAIT = 0;
    private const int FUTEX_WAKE = 1;
    private const uint FUTEX2_SIZE_U32 = 2;
    private const int CLOCK_MONOTONIC = 1;

    // The call is wrapped by no C library. futex_waitv(2) has one number everywhere, as all calls since 5.1 have.
    private const long SYS_futex_waitv = 449;
    private static readonly long SYS_futex = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>Sleeps while the word has a value.</summary>
    /// <param name="word">The word, aligned to 4 bytes; its page may be mapped read-only.</param>
    /// <param name="expected">If the word has another value, this returns at once.</param>
    /// <param name="timeoutMs">The longest sleep, in milliseconds.</param>
    /// <returns>None: woken, or the value was another. Interrupted: a signal came. TimedOut: the time is over.
    /// Anything else is a refusal.</returns>
    public static unsafe Failure Wait(uint* word, uint expected, int timeoutMs)
    {
        Timespec timeout = new(timeoutMs);
        if (syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, 0, 0) == 0)
        {
            return Failure.None;
        }

        int errno = Marshal.GetLastPInvokeError();
        return errno == ErrnoTable.EAGAIN ? Failure.None : ErrnoTable.Classify(errno);
    }

    /// <summary>Wakes sleepers.</summary>
    /// <param name="word">The word they sleep on.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>How many were woken.</returns>
    public static unsafe int Wake(uint* word, int count = int.MaxValue) =>
        (int)Math.Max(0, syscall(SYS_futex, word, FUTEX_WAKE, (uint)count, null, 0, 0));

    /// <summary>Sleeps while each of several words has its value: futex_waitv(2), Linux 5.16.</summary>
    /// <param name="words">The words with their values, 1 to <see cref="MaxWords"/>.</param>
    /// <param name="timeoutMs">The longest sleep, in milliseconds.</param>
    /// <returns>As for <see cref="Wait"/>; NotSupported where the kernel does not have the call.</returns>
    public static unsafe Failure WaitAny(ReadOnlySpan<FutexWord> words, int timeoutMs)
    {
        // Other than futex(2) this call takes a point in time, not a duration.
        Timespec deadline = default;
        _ = clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline = deadline.Plus(timeoutMs);
        Waiter* waiters = stackalloc Waiter[MaxWords];
        int count = Math.Min(words.Length, MaxWords);
        for (int i = 0; i < count; i++)
        {
            waiters[i] = new Waiter
            {
                Value = words[i].Expected,
                Address = (ulong)words[i].Word,
                Flags = FUTEX2_SIZE_U32,
            };
        }

        if (syscall(SYS_futex_waitv, waiters, count, 0, &deadline, CLOCK_MONOTONIC, 0) >= 0)
        {
            return Failure.None;
        }

        int errno = Marshal.GetLastPInvokeError();
        return errno == ErrnoTable.EAGAIN ? Failure.None : ErrnoTable.Classify(errno);
    }

    // Not with SuppressGCTransition: a thread that sleeps here must not hold up the collector.
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial long syscall(
        long number, void* word, long operation, uint value, Timespec* timeout, long fifth, long sixth);

    [LibraryImport("libc")]
    private static unsafe partial int clock_gettime(int clock, Timespec* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Waiter
    {
        public ulong Value;
        public ulong Address;
        public uint Flags;
        public uint Reserved;
    }
}
