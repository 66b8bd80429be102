using System.Text;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// One instance of inotify(7), the kernel as it is: every flag, every event, nothing added, nothing hidden. Adding,
/// removing and disposing are thread-safe; reading is for one reader at a time, as its events are views over one
/// buffer.
/// </summary>
/// <remarks>
/// <para>
/// Not recursive: a watch of a directory tells about the directory and its direct entries. The queue of an instance is
/// bounded (fs.inotify.max_queued_events); what does not fit is lost, and <see cref="InotifyEvent.IsOverflow"/> tells.
/// <see cref="TreeWatcher"/> deals with both.
/// </para>
/// <para>
/// A user has few instances (fs.inotify.max_user_instances, 128 by default): use one for many watches.
/// </para>
/// </remarks>
/// <example><code>
/// using var inotify = Inotify.Open();
/// inotify.Add("/etc", InotifyMask.Create | InotifyMask.CloseWrite | InotifyMask.MovedTo);
/// foreach (InotifyEvent e in inotify.Read(TimeSpan.FromSeconds(1)))
///     Console.WriteLine($"{e.Mask.KernelNames} {e.NameText}");
/// </code></example>
public sealed class Inotify : IDisposable
{
    private const int StackPathBytes = 1024;

    // A text that is no valid UTF-16 names no file; replacing what is wrong with it would name another one.
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly EventFd _stop;
    private readonly ReadinessWaiter _waiter;
    private readonly WatchTable _watches = new();
    private readonly byte[] _buffer;
    private readonly bool _isNonBlocking;
    private int _eventBytes;
    private int _isReading;
    private int _isDisposed;

    private Inotify(InotifyHandle handle, EventFd stop, InotifyOptions options)
    {
        Handle = handle;
        _stop = stop;
        _waiter = new ReadinessWaiter(handle);
        _buffer = GC.AllocateUninitializedArray<byte>(options.BufferBytes);
        _isNonBlocking = options.NonBlocking;
    }

    /// <summary>
    /// The descriptor, to poll it together with others. It belongs to this object: do not dispose it.
    /// </summary>
    public InotifyHandle Handle { get; }

    /// <summary>The bytes of events that wait in the kernel's queue (FIONREAD). Thread-safe.</summary>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public int AvailableBytes => Handle.AvailableBytes();

    /// <summary>Opens an instance: inotify_init1(2).</summary>
    /// <param name="options">How, or null for what is right most of the time.</param>
    /// <returns>The instance; the caller disposes it.</returns>
    /// <exception cref="VigilException">EMFILE: fs.inotify.max_user_instances, told with its value; ENFILE;
    /// ENOMEM.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The buffer is smaller than
    /// <see cref="InotifyOptions.MinBufferBytes"/>.</exception>
    public static Inotify Open(InotifyOptions? options = null)
    {
        options ??= new InotifyOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(
            options.BufferBytes, InotifyOptions.MinBufferBytes, nameof(options));
        InotifyHandle handle = InotifyHandle.Open(options.NonBlocking, options.CloseOnExec);
        EventFd? stop = null;
        try
        {
            stop = EventFd.Create();
            return new Inotify(handle, stop, options);
        }
        catch
        {
            stop?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Adds the watch of a path, or changes it where its inode is watched already (under whatever path): the new mask
    /// replaces the old, or joins it with <see cref="InotifyMask.MaskAdd"/>. Thread-safe.
    /// </summary>
    /// <param name="path">A file or directory; a symbolic link is followed unless
    /// <see cref="InotifyMask.DontFollow"/>.</param>
    /// <param name="mask">The events to be told of, and how to watch.</param>
    /// <returns>The watch; one that was there before keeps its number.</returns>
    /// <exception cref="VigilException">
    /// ENOSPC with the limit, its value and use; ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG with the path; EEXIST
    /// with
    /// <see cref="InotifyMask.MaskCreate"/>; EINVAL for a mask without an event.
    /// </exception>
    /// <exception cref="ArgumentException">The path is empty, contains a NUL, or is no valid text.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public WatchDescriptor Add(string path, InotifyMask mask)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int count = StrictUtf8.GetByteCount(path);
        Span<byte> terminated = count < StackPathBytes ? stackalloc byte[StackPathBytes] : new byte[count + 1];
        terminated = terminated[..(count + 1)];
        StrictUtf8.GetBytes(path, terminated);
        terminated[count] = 0;
        return AddTerminated(terminated, mask, path);
    }

    /// <summary>As <see cref="Add(string, InotifyMask)"/>, for a path that is bytes, as names on Linux are.</summary>
    /// <param name="path">The path, without a NUL at its end.</param>
    /// <param name="mask">The events to be told of, and how to watch.</param>
    /// <returns>The watch; one that was there before keeps its number.</returns>
    /// <exception cref="VigilException">As with <see cref="Add(string, InotifyMask)"/>.</exception>
    /// <exception cref="ArgumentException">The path is empty or contains a NUL.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public WatchDescriptor Add(ReadOnlySpan<byte> path, InotifyMask mask)
    {
        if (path.IsEmpty)
        {
            throw new ArgumentException("The path is empty.", nameof(path));
        }

        int count = path.Length;
        Span<byte> terminated = count < StackPathBytes ? stackalloc byte[StackPathBytes] : new byte[count + 1];
        terminated = terminated[..(count + 1)];
        path.CopyTo(terminated);
        terminated[count] = 0;
        return AddTerminated(terminated, mask, PathText.FromBytes(path));
    }

    /// <summary>
    /// Removes a watch: inotify_rm_watch(2). <see cref="InotifyMask.Ignored"/> follows as its last event. Thread-safe.
    /// </summary>
    /// <param name="watch">The watch.</param>
    /// <returns>
    /// False where the kernel has no such watch: it was removed before, or the kernel removed it itself because the
    /// file was deleted or unmounted or <see cref="InotifyMask.OneShot"/> was spent (inotify_rm_watch says EINVAL
    /// then). That is no error.
    /// </returns>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public bool Remove(WatchDescriptor watch) => Handle.TryRemoveWatch(watch.Value) == Platform.Failure.None;

    /// <summary>
    /// The path that a watch was last added by, as it was given (bytes as a text of
    /// <see cref="PathText"/>); the kernel follows the inode, this text does not. It
    /// is known for every event of the present batch, also <see cref="InotifyMask.Ignored"/>; the read after that
    /// forgets it. Thread-safe.
    /// </summary>
    /// <param name="watch">The watch.</param>
    /// <returns>The path, or null where the watch is not known (any more).</returns>
    public string? PathOf(WatchDescriptor watch) => _watches.Find(watch.Value);

    /// <summary>Reads what is there, or waits for it. A signal does not end the wait. One reader at a time.</summary>
    /// <param name="timeout">How long, to the millisecond; <see cref="Timeout.InfiniteTimeSpan"/> for ever; zero does
    /// not wait.</param>
    /// <returns>The events, at least one; none when the time is over. Valid until the next read.</returns>
    /// <exception cref="ObjectDisposedException">This was disposed, before or while waiting.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative and not infinite.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="VigilException">The kernel refused: EIO.</exception>
    public InotifyEvents Read(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        }

        Deadline deadline = Deadline.After(timeout);
        EnterRead();
        try
        {
            while (true)
            {
                ThrowIfDisposed();
                if (Fill())
                {
                    return new InotifyEvents(_buffer.AsSpan(0, _eventBytes));
                }

                int remainingMs = deadline.RemainingMs();
                if (remainingMs == 0)
                {
                    return default;
                }

                // Whatever ended the wait (an event, a signal, Dispose, the time), the next round finds out.
                _ = Poll.Wait(Handle, _stop, priority: null, remainingMs);
            }
        }
        finally
        {
            ExitRead();
        }
    }

    /// <summary>Reads what is there, without waiting. One reader at a time.</summary>
    /// <returns>The events, or none; none as well once this is disposed. Valid until the next read.</returns>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="VigilException">The kernel refused: EIO.</exception>
    public InotifyEvents TryRead()
    {
        EnterRead();
        try
        {
            return Volatile.Read(ref _isDisposed) == 0 && Fill()
                ? new InotifyEvents(_buffer.AsSpan(0, _eventBytes))
                : default;
        }
        catch (ObjectDisposedException)
        {
            return default;
        }
        finally
        {
            ExitRead();
        }
    }

    /// <summary>
    /// Waits until there is something to read, without holding a thread: one thread of the process waits for all
    /// instances. Allocates nothing but what the token's registration does. One wait at a time; await the returned
    /// value once.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// True: <see cref="TryRead"/> has something, unless another reader was faster; rarely, after a wait that was
    /// cancelled, it has nothing, and one waits again. False: this was disposed, nothing
    /// will come.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another wait is in progress.</exception>
    /// <exception cref="VigilException">The kernel refused: no descriptor left, or fs.epoll.max_user_watches is
    /// reached.</exception>
    /// <example><code>
    /// while (await inotify.WaitToReadAsync(cancellation))
    ///     foreach (InotifyEvent e in inotify.TryRead())
    ///         Handle(e);
    /// </code></example>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(cancellationToken);
        }

        try
        {
            if (Volatile.Read(ref _isDisposed) == 0 && Handle.AvailableBytes() > 0)
            {
                return new ValueTask<bool>(true);
            }
        }
        catch (ObjectDisposedException)
        {
            return new ValueTask<bool>(false);
        }

        return _waiter.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Gives the instance and all its watches back, and ends a read that is waiting: <see cref="Read"/> throws
    /// <see cref="ObjectDisposedException"/>, <see cref="WaitToReadAsync"/> answers false. Events that were not read
    /// are lost; those of the last read stay valid. May be called more than once and from any thread.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        // A reader in poll holds references to both handles: they are closed when it has left.
        _stop.Signal();
        _waiter.Close();
        Handle.Dispose();
        _stop.Dispose();
    }

    private WatchDescriptor AddTerminated(ReadOnlySpan<byte> path, InotifyMask mask, string text)
    {
        if (path[..^1].Contains((byte)0))
        {
            throw new ArgumentException("The path contains a NUL.", nameof(path));
        }

        return new WatchDescriptor(_watches.Add(Handle, path, mask, text));
    }

    // The batch before is handled once the next one is asked for; only then its watches are forgotten.
    private bool Fill()
    {
        if (_eventBytes > 0)
        {
            _watches.Forget(new InotifyEvents(_buffer.AsSpan(0, _eventBytes)), Handle);
            _eventBytes = 0;
        }

        if (!_isNonBlocking && Handle.AvailableBytes() == 0)
        {
            return false;
        }

        _eventBytes = Handle.Read(_buffer);
        return _eventBytes > 0;
    }

    private void EnterRead()
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("Another read is in progress; an instance has one reader at a time.");
        }
    }

    private void ExitRead() => Volatile.Write(ref _isReading, 0);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
}
