using Vigil.IO.Operations;
using Vigil.Platform;

namespace Vigil.IO;

/// <summary>
/// Asynchronous files with a way to the kernel of one's own choice. Most programs use <see cref="Files"/>, which is one
/// of these for the whole process. Thread-safe.
/// </summary>
/// <example>
/// <code>
/// await using var engine = new FileEngine(new FileEngineOptions { Backend = FileBackend.Threads });
/// byte[] config = await engine.ReadAllBytesAsync("app.yaml", maxBytes: 1 &lt;&lt; 20);
/// </code>
/// </example>
/// <remarks>
/// What completes at once completes in the calling thread; what does not goes on in a thread of the pool, or, where all
/// of them wait for it, in one of the library's own. The memory
/// that is given to a read or a write stays the operation's until its task has ended, also after a cancellation.
/// </remarks>
public sealed partial class FileEngine : IAsyncDisposable
{
    private static readonly Lazy<FileEngine> LazyShared =
        new(() => new FileEngine(options: null, isShared: true), LazyThreadSafetyMode.PublicationOnly);

    private readonly InlineCarrier _inline = new();
    private readonly ThreadCarrier _threads = new();
    private readonly Lock _gate = new();
    private readonly FileBackend _wanted;
    private readonly bool _triesAtOnce;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FileEngineOptions _options;
    private volatile Carrier? _waits;
    private volatile string? _fallbackReason;
    private int _underWay;
    private volatile bool _isDisposed;

    /// <summary>Makes one. A ring is made when it is first needed.</summary>
    /// <param name="options">How; null for what settings of the process say.</param>
    /// <exception cref="ArgumentException">The setting or the variable is no backend.</exception>
    public FileEngine(FileEngineOptions? options = null)
        : this(options, isShared: false)
    {
    }

    private FileEngine(FileEngineOptions? options, bool isShared)
    {
        _options = options ?? new FileEngineOptions();
        _wanted = _options.ChosenBackend();
        _triesAtOnce = _wanted == FileBackend.Auto;
        IsShared = isShared;
    }

    /// <summary>The one of <see cref="Files"/>.</summary>
    /// <exception cref="ArgumentException">The setting or the variable is no backend.</exception>
    public static FileEngine Shared => LazyShared.Value;

    /// <summary>
    /// Who does what has to wait: what was asked for, or what <see cref="FileBackend.Auto"/> has come to on this
    /// machine. Auto itself as long as io_uring was not needed: <see cref="ResolveBackend"/> finds it out.
    /// </summary>
    public FileBackend ActiveBackend => _waits switch
    {
        RingCarrier => FileBackend.IoUring,
        ThreadCarrier => FileBackend.Threads,
        InlineCarrier => FileBackend.Inline,
        _ => _wanted,
    };

    /// <summary>
    /// Why <see cref="FileBackend.Auto"/> works without io_uring; null where it works with it, where it was not asked,
    /// and as long as <see cref="ActiveBackend"/> is Auto.
    /// </summary>
    public string? FallbackReason => _fallbackReason;

    internal RingCarrier? Ring => _waits as RingCarrier;

    internal ThreadCarrier Threads => _threads;

    internal bool IsDisposed => _isDisposed;

    internal bool IsShared { get; }

    /// <summary>
    /// Finds out who does what has to wait, and makes the ring, if it is one, as the first operation that waits would
    /// do: for a program that wants to know before, or wants a refusal at its start. May be called again, at no cost.
    /// </summary>
    /// <returns>What <see cref="ActiveBackend"/> is from now on: never <see cref="FileBackend.Auto"/>.</returns>
    /// <exception cref="VigilException">io_uring was asked for and refused; or there is no descriptor or no memory
    /// left for it at this moment.</exception>
    /// <exception cref="PlatformNotSupportedException">io_uring was asked for, and lacks something that is
    /// needed.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public FileBackend ResolveBackend()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _ = Waits();
        return ActiveBackend;
    }

    /// <summary>
    /// Gives up what can wait for ever, waits for the rest, and lets go of everything. When the task has ended, every
    /// operation has: with its result, or with <see cref="ObjectDisposedException"/>. A stream of many files ends
    /// so at its next file, and lets go of its own then. The shared engine is not disposed.
    /// </summary>
    /// <returns>Ends when nothing is under way.</returns>
    public async ValueTask DisposeAsync()
    {
        if (IsShared)
        {
            return;
        }

        bool isFirst;
        lock (_gate)
        {
            isFirst = !_isDisposed;
            _isDisposed = true;
        }

        if (isFirst)
        {
            // SYNC POINT: cancelled; said to all before it is looked what there is.
            Interlocked.MemoryBarrier();
            (_waits as RingCarrier)?.CancelAll();
            EndIfIdle();
        }

        await _idle.Task.ConfigureAwait(false);
        if (_waits is RingCarrier ring)
        {
            await ring.StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One more operation is under way.</summary>
    internal void Enter()
    {
        Interlocked.Increment(ref _underWay);
        if (_isDisposed)
        {
            Leave();
            throw new ObjectDisposedException(nameof(FileEngine));
        }
    }

    /// <summary>One is over.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _underWay) == 0 && _isDisposed)
        {
            EndIfIdle();
        }
    }

    private void EndIfIdle()
    {
        if (Volatile.Read(ref _underWay) == 0)
        {
            _idle.TrySetResult();
        }
    }

    // Who does what has to wait.
    private Carrier Waits() => _waits ?? ChooseWaits();

    // Who does what is not faster in a ring: buffered writes, where the kernel itself would take a thread for them
    // (ext4 and most others), opens that create, and large reads, which a ring copies in the thread that submits.
    private Carrier Works() => _triesAtOnce ? _threads : Waits();

    private Carrier ChooseWaits()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_waits is null)
            {
                _waits = _wanted switch
                {
                    FileBackend.Inline => _inline,
                    FileBackend.Threads => _threads,
                    _ => MakeRing(),
                };
            }

            return _waits;
        }
    }

    private Carrier MakeRing()
    {
        RingCarrier? ring = RingCarrier.TryCreate(
            _options.SubmissionEntries, _options.CompletionEntries, out KernelResult refusal, out string? lack);
        if (ring is not null)
        {
            return ring;
        }

        VigilException? error = lack is null ? refusal.ToException("io_uring_setup") : null;

        // A lack of descriptors or memory passes, and is told as what it is: only what stays is a reason to do without.
        bool stays = error is null
            || refusal.Failure is Failure.NotSupported or Failure.AccessDenied or Failure.Invalid;
        if (_wanted == FileBackend.IoUring || !stays)
        {
            throw error ?? (Exception)new PlatformNotSupportedException(lack);
        }

        _fallbackReason = error?.Message ?? lack;
        return _threads;
    }
}
