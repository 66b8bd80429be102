using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// A pair of queues to the kernel: io_uring_setup(2), io_uring_enter(2), io_uring_register(2). One thread at a time
/// prepares and submits entries, one thread at a time takes completions; the two may be different threads.
/// </summary>
/// <remarks>
/// The queues are shared with the kernel. Ours are the tail of the submission queue and the head of the completion
/// queue; the other two are the kernel's, and are only read here. What this class trusts the kernel with is what every
/// system call trusts it with.
/// <para>
/// After <see cref="System.Runtime.InteropServices.SafeHandle.Dispose()"/> every member that looks at the queues throws
/// <see cref="ObjectDisposedException"/>. Another thread that is in one of them at that moment may be given an entry
/// that goes nowhere or a completion that means nothing, but never touches memory that is not there: the addresses of
/// the queues stay this object's until it is collected.
/// </para>
/// </remarks>
public sealed unsafe partial class IoUring : DescriptorHandle
{
    private const long SYS_io_uring_setup = 425;
    private const long SYS_io_uring_enter = 426;
    private const long SYS_io_uring_register = 427;
    private const uint IORING_ENTER_GETEVENTS = 0x1;
    private const long IORING_OFF_SQ_RING = 0;
    private const long IORING_OFF_SQES = 0x10000000;
    private const uint IORING_SQ_CQ_OVERFLOW = 0x2;

    private readonly Parameters _parameters;
    private readonly MemoryMapping _ringsMemory;
    private readonly MemoryMapping _entriesMemory;
    private readonly IoUringEntry* _entries;
    private readonly byte[] _supported;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _submissionFlags;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint* _completionOverflow;
    private readonly IoUringCompletion* _completions;
    private uint _nextTail;

    private IoUring(int fd, Parameters parameters, MemoryMapping ringsMemory, MemoryMapping entriesMemory)
        : base(fd)
    {
        _parameters = parameters;
        _ringsMemory = ringsMemory;
        _entriesMemory = entriesMemory;
        _entries = (IoUringEntry*)entriesMemory.Address;
        byte* rings = ringsMemory.Address;
        _submissionHead = (uint*)(rings + parameters.SubmissionOffsets.Head);
        _submissionTail = (uint*)(rings + parameters.SubmissionOffsets.Tail);
        _submissionFlags = (uint*)(rings + parameters.SubmissionOffsets.Flags);
        _completionHead = (uint*)(rings + parameters.CompletionOffsets.Head);
        _completionTail = (uint*)(rings + parameters.CompletionOffsets.Tail);
        _completionOverflow = (uint*)(rings + parameters.CompletionOffsets.Overflow);
        _completions = (IoUringCompletion*)(rings + parameters.CompletionOffsets.Entries);
        _nextTail = *_submissionTail;

        // Entry n is always at place n: the array between them is written once.
        uint* array = (uint*)(rings + parameters.SubmissionOffsets.Array);
        for (uint i = 0; i < parameters.SubmissionEntries; i++)
        {
            array[i] = i;
        }

        _supported = Probe(fd);
    }

    /// <summary>How many entries fit into the submission queue.</summary>
    public int SubmissionCapacity => (int)_parameters.SubmissionEntries;

    /// <summary>How many completions fit into the completion queue; more are kept by the kernel.</summary>
    public int CompletionCapacity => (int)_parameters.CompletionEntries;

    /// <summary>What the kernel can.</summary>
    public IoUringFeatures Features => _parameters.Features;

    /// <summary>How many completions were lost for good; 0 with <see cref="IoUringFeatures.NoDrop"/>.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public uint LostCompletions => Read(_completionOverflow);

    /// <summary>Whether the kernel keeps completions that did not fit; the next wait fetches them.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public bool HasOverflow => (Read(_submissionFlags) & IORING_SQ_CQ_OVERFLOW) != 0;

    /// <summary>Whether a completion can be taken.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public bool HasCompletion => *_completionHead != Read(_completionTail);

    /// <summary>Makes a ring.</summary>
    /// <param name="entries">The size of the submission queue; rounded up to a power of two.</param>
    /// <param name="completions">The size of the completion queue, with its flag; else 0.</param>
    /// <param name="setup">What kind of ring.</param>
    /// <param name="ring">The ring, which the caller disposes, or null.</param>
    /// <returns>
    /// 0, or the refusal: ENOSYS, EPERM, EOPNOTSUPP: not here; EINVAL: a flag is not known; EMFILE, ENOMEM: not now.
    /// </returns>
    public static KernelResult TryCreate(int entries, int completions, IoUringSetup setup, out IoUring? ring)
    {
        ring = null;
        Parameters parameters = new() { CompletionEntries = (uint)completions, Setup = setup };
        KernelResult result = KernelResult.Of(io_uring_setup(SYS_io_uring_setup, (uint)entries, &parameters));
        if (!result.IsSuccess)
        {
            return result;
        }

        int fd = (int)result.Value;
        if (!parameters.Features.HasFlag(IoUringFeatures.SingleMapping))
        {
            _ = close(fd);
            return new KernelResult(-ErrnoTable.EOPNOTSUPP);
        }

        nuint ringsBytes = Math.Max(
            parameters.SubmissionOffsets.Array + (parameters.SubmissionEntries * sizeof(uint)),
            parameters.CompletionOffsets.Entries + (parameters.CompletionEntries * IoUringCompletion.SizeBytes));
        MemoryMapping? rings = MemoryMapping.TryCreate(fd, ringsBytes, IORING_OFF_SQ_RING);
        MemoryMapping? array = rings is null ? null
            : MemoryMapping.TryCreate(
                fd, parameters.SubmissionEntries * IoUringEntry.SizeBytes, IORING_OFF_SQES);
        if (array is null)
        {
            result = KernelResult.Of(-1);
            rings?.Dispose();
            _ = close(fd);
            return result;
        }

        ring = new IoUring(fd, parameters, rings!, array);
        return default;
    }

    /// <summary>Whether the kernel knows an operation: IORING_REGISTER_PROBE.</summary>
    /// <param name="code">The operation.</param>
    public bool Supports(IoUringCode code) => (int)code < _supported.Length && _supported[(int)code] != 0;

    /// <summary>Makes a table for files that are opened by the ring itself: IORING_REGISTER_FILES.</summary>
    /// <param name="count">How many places it has, all empty.</param>
    /// <returns>0, or the refusal.</returns>
    public KernelResult RegisterFiles(int count)
    {
        const uint IORING_REGISTER_FILES = 2;
        int[] empty = new int[count];
        Array.Fill(empty, -1);
        fixed (int* files = empty)
        {
            return KernelResult.Of(
                io_uring_register(SYS_io_uring_register, this, IORING_REGISTER_FILES, files, (uint)count));
        }
    }

    /// <summary>
    /// Lets a ring begin that was made with <see cref="IoUringSetup.Disabled"/>: IORING_REGISTER_ENABLE_RINGS. With
    /// <see cref="IoUringSetup.SingleIssuer"/> it is the calling thread that submits from now on.
    /// </summary>
    /// <returns>0, or the refusal.</returns>
    public KernelResult Enable()
    {
        const uint IORING_REGISTER_ENABLE_RINGS = 12;
        return KernelResult.Of(
            io_uring_register(SYS_io_uring_register, this, IORING_REGISTER_ENABLE_RINGS, null, 0));
    }

    /// <summary>The next free entry, cleared, for the caller to fill; it goes with the next <see
    /// cref="Enter"/>.</summary>
    /// <returns>The entry, or null where the queue is full.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public IoUringEntry* TryNext()
    {
        // The kernel has read the entry that is overwritten here before it moved the head.
        if (_nextTail - Read(_submissionHead) >= _parameters.SubmissionEntries)
        {
            return null;
        }

        IoUringEntry* entry = _entries + (_nextTail++ & (_parameters.SubmissionEntries - 1));
        *entry = default;
        return entry;
    }

    /// <summary>How many entries were filled and not taken by the kernel yet.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public int Unsubmitted => (int)(_nextTail - Read(_submissionHead));

    /// <summary>Submits what was filled; the thread that fills calls this.</summary>
    /// <param name="waitFor">How many completions are waited for; 0 to wait for none.</param>
    /// <returns>How many entries were taken; or the refusal: EAGAIN, EBUSY: later; EINTR.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public KernelResult Submit(int waitFor) => Submit(int.MaxValue, waitFor);

    /// <summary>Submits some of what was filled, the first first; the thread that fills calls this.</summary>
    /// <param name="count">How many entries at the most. A chain that is cut begins without its end.</param>
    /// <param name="waitFor">How many completions are waited for; 0 to wait for none.</param>
    /// <returns>How many entries were taken; or the refusal: EAGAIN, EBUSY: later; EINTR.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public KernelResult Submit(int count, int waitFor)
    {
        // The entries are written before the tail, which the kernel reads before them.
        Volatile.Write(ref *_submissionTail, _nextTail);
        return Enter((uint)Math.Min(Unsubmitted, count), (uint)waitFor);
    }

    /// <summary>
    /// An entry that the kernel has not taken, because it had no memory for more (or was not asked to): it can still be
    /// changed.
    /// </summary>
    /// <param name="index">Which; 0 is the one that is taken next.</param>
    /// <returns>The entry, or null where there are not so many.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public IoUringEntry* TryPeek(int index) => index >= Unsubmitted ? null
        : _entries + ((_nextTail - (uint)Unsubmitted + (uint)index) & (_parameters.SubmissionEntries - 1));

    /// <summary>Waits for completions; the thread that takes them calls this.</summary>
    /// <param name="count">For how many; 0 to fetch only what the kernel keeps.</param>
    /// <returns>0, or the refusal: EINTR.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public KernelResult Wait(int count) => KernelResult.Of(
        io_uring_enter(SYS_io_uring_enter, this, 0, (uint)count, IORING_ENTER_GETEVENTS, null, 0));

    /// <summary>
    /// As <see cref="Wait(int)"/>, but not for longer than a time; needs
    /// <see cref="IoUringFeatures.ExtendedArgument"/>.
    /// </summary>
    /// <param name="count">For how many.</param>
    /// <param name="microseconds">How long at the most.</param>
    /// <returns>0, or the refusal: ETIME: the time is over; EINTR.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public KernelResult Wait(int count, int microseconds)
    {
        const uint IORING_ENTER_EXT_ARG = 0x8;
        Timespec timeout = new(0) { Nanoseconds = microseconds * 1000L };
        WaitArgument argument = new() { Timeout = &timeout };
        return KernelResult.Of(io_uring_enter(
            SYS_io_uring_enter,
            this,
            0,
            (uint)count,
            IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
            &argument,
            (nuint)sizeof(WaitArgument)));
    }

    /// <summary>Takes a completion.</summary>
    /// <param name="completion">It.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public bool TryTake(out IoUringCompletion completion)
    {
        uint head = *_completionHead;

        // The kernel has written the completion before the tail.
        if (head == Read(_completionTail))
        {
            completion = default;
            return false;
        }

        completion = _completions[head & (_parameters.CompletionEntries - 1)];

        // The kernel may write there from now on.
        Volatile.Write(ref *_completionHead, head + 1);
        return true;
    }

    /// <summary>Lets go of the queues and closes the descriptor; what is under way is cancelled by the
    /// kernel.</summary>
    /// <returns>Always true.</returns>
    protected override bool ReleaseHandle()
    {
        _ringsMemory.Empty();
        _entriesMemory.Empty();
        return base.ReleaseHandle();
    }

    // What the kernel writes; said to be disposed where that may be zeros by now (see the remarks).
    private uint Read(uint* word)
    {
        uint value = Volatile.Read(ref *word);
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return value;
    }

    private KernelResult Enter(uint submit, uint waitFor) => KernelResult.Of(io_uring_enter(
        SYS_io_uring_enter, this, submit, waitFor, waitFor > 0 ? IORING_ENTER_GETEVENTS : 0, null, 0));

    // struct io_uring_probe: 16 bytes, of which the second is the count, then 8 bytes for each operation.
    private static byte[] Probe(int fd)
    {
        const int Operations = 256;
        const int HeadBytes = 16;
        const int OperationBytes = 8;
        const int FlagsOffset = 2;
        const uint IORING_REGISTER_PROBE = 8;
        const byte IO_URING_OP_SUPPORTED = 1;
        byte* probe = stackalloc byte[HeadBytes + (Operations * OperationBytes)];
        new Span<byte>(probe, HeadBytes + (Operations * OperationBytes)).Clear();
        if (io_uring_register(SYS_io_uring_register, fd, IORING_REGISTER_PROBE, probe, Operations) < 0)
        {
            return [];
        }

        byte[] supported = new byte[probe[1]];
        for (int i = 0; i < supported.Length; i++)
        {
            supported[i] = (byte)(probe[HeadBytes + (i * OperationBytes) + FlagsOffset] & IO_URING_OP_SUPPORTED);
        }

        return supported;
    }

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long io_uring_setup(long number, uint entries, Parameters* parameters);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long io_uring_enter(
        long number, IoUring ring, uint submit, uint waitFor, uint flags, void* signals, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long io_uring_register(long number, IoUring ring, uint what, void* argument, uint count);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long io_uring_register(long number, int ring, uint what, void* argument, uint count);

    // struct io_uring_getevents_arg.
    [StructLayout(LayoutKind.Sequential)]
    private struct WaitArgument
    {
        public ulong Signals;
        public uint SignalsBytes;
        public uint LeastWait;
        public Timespec* Timeout;
    }

    // struct io_uring_params: 120 bytes.
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    private struct Parameters
    {
        public uint SubmissionEntries;
        public uint CompletionEntries;
        public IoUringSetup Setup;
        public uint PollThreadProcessor;
        public uint PollThreadIdle;
        public IoUringFeatures Features;
        public uint WorkQueueDescriptor;
        public fixed uint Reserved[3];
        public SubmissionRing SubmissionOffsets;
        public CompletionRing CompletionOffsets;
    }

    // struct io_sqring_offsets.
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct SubmissionRing
    {
        public uint Head;
        public uint Tail;
        public uint RingMask;
        public uint RingEntries;
        public uint Flags;
        public uint Dropped;
        public uint Array;
        public uint Reserved;
        public ulong UserAddress;
    }

    // struct io_cqring_offsets.
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct CompletionRing
    {
        public uint Head;
        public uint Tail;
        public uint RingMask;
        public uint RingEntries;
        public uint Overflow;
        public uint Entries;
        public uint Flags;
        public uint Reserved;
        public ulong UserAddress;
    }
}
