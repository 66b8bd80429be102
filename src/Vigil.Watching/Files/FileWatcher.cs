using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// Watches single files, each with a value of the caller's, and tells when they have new contents or are gone. All
/// members are thread-safe; files may be added and removed, and this disposed, while events flow.
/// </summary>
/// <remarks>
/// <para>
/// The directory is watched and filtered by name. So a save by rename is one event, a file that is deleted and made
/// again goes on being watched, and neither the file nor its directory has to exist yet. A directory costs one watch of
/// the kernel however many files of it are watched, and so does each directory above it, which may be renamed.
/// </para>
/// <para>
/// Symbolic links are followed, on the way and at the end: a file has new contents when it was written where the links
/// lead, and when one of them is led elsewhere. Two paths that lead to one file are two files here, with a value each,
/// as the links may part; spellings of one path (<c>./a</c>, <c>b/../a</c>) are one.
/// </para>
/// <para>
/// Where the channel is full, nothing is read from the kernel until there is room. If its queue runs over meanwhile,
/// <see cref="FileEventKind.Overflow"/> says so, and what differs follows for each file: then a few events of each wait
/// in memory.
/// </para>
/// <para>
/// A watcher has one inotify instance (a user has 128 by default) and one thread: use one for many files. A write
/// through a memory mapping, or under another hard link of the file, gives no event (inotify(7)); truncate(2), which
/// cuts a file by its name and so closes nothing, gives a <see cref="FileEventKind.Modify"/> alone.
/// </para>
/// </remarks>
/// <typeparam name="TTag">The value that goes with a file.</typeparam>
/// <example><code>
/// await using var files = new FileWatcher&lt;Section&gt;(capacity: 64);
/// files.Add("app.yaml", Section.App);
/// await foreach (FileEvent&lt;Section&gt; e in files.ReadAllAsync(cancellation))
///     Reload(e.Tag, e.Kind);
/// </code></example>
public sealed class FileWatcher<TTag> : IAsyncDisposable, IDisposable
{
    private const int MaxPathBytes = 4095;
    private const int MaxNameBytes = 255;

    private readonly Dictionary<string, WatchedFile<TTag>> _files = new(StringComparer.Ordinal);
    private readonly FileOutbox<TTag> _outbox;
    private readonly FileWatchEngine _engine;

    /// <summary>Opens an inotify instance and starts a thread; nothing is watched yet.</summary>
    /// <param name="capacity">
    /// How many events wait for a reader before the kernel's queue has to hold them. 0: none; each event is handed to
    /// a reader before the next one is looked at.
    /// </param>
    /// <param name="options">What is told, or null for <see cref="FileEventKinds.Contents"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, or the interval of polling not more than
    /// zero.</exception>
    /// <exception cref="VigilException">EMFILE: fs.inotify.max_user_instances, told with its value; ENFILE;
    /// ENOMEM.</exception>
    public FileWatcher(int capacity, FileWatcherOptions? options = null)
    {
        options ??= new FileWatcherOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.PollInterval, TimeSpan.Zero, nameof(options));
        _outbox = new FileOutbox<TTag>(capacity);
        _engine = new FileWatchEngine(_outbox, options);
    }

    /// <summary>
    /// The events in order; it completes when the watcher is disposed. What is in it by then can still be read.
    /// </summary>
    public ChannelReader<FileEvent<TTag>> Events => _outbox.Reader;

    /// <summary>How many files are watched.</summary>
    public int Count
    {
        get
        {
            lock (_engine.Gate)
            {
                return _files.Count;
            }
        }
    }

    /// <summary>
    /// Watches a file: what happens to it after this returned is told. What happened before is not, also where the
    /// kernel has it queued; look at the file after this call, and nothing is missed.
    /// </summary>
    /// <param name="path">
    /// The file; neither it nor its directory has to exist. A relative path is completed now, by the current directory.
    /// Bytes that are not UTF-8 as <see cref="PathText.FromBytes"/> writes them.
    /// </param>
    /// <param name="tag">
    /// The value that its events carry. Of a file that is watched already, it replaces the old: every event that is put
    /// into the channel after this returned carries it.
    /// </param>
    /// <param name="previous">The old value, where the file is watched already.</param>
    /// <returns>True where it was not watched yet.</returns>
    /// <remarks>
    /// A directory that cannot be watched is no error here: <see cref="FileEventKind.Degraded"/> says why, and its
    /// files are looked at instead. While the reader is behind, the kernel may put a write after this call into the
    /// event of a write just before it; then the file is looked at, and one that is younger than 20 ms is told to be on
    /// the safe side (<see cref="FileEvent{TTag}.IsInferred"/>).
    /// </remarks>
    /// <exception cref="ArgumentException">The path is empty, contains a NUL, names no file (<c>/</c>), or is longer
    /// than the kernel takes.</exception>
    /// <exception cref="VigilException">The path is relative and the current directory was deleted.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed, or ended with an error.</exception>
    public bool Add(string path, TTag tag, [MaybeNullWhen(true)] out TTag previous)
    {
        path = Complete(path);
        lock (_engine.Gate)
        {
            ObjectDisposedException.ThrowIf(_engine.IsStopped, this);
            if (_files.TryGetValue(path, out WatchedFile<TTag>? known))
            {
                previous = known.Tag;
                known.Tag = tag;
                return false;
            }

            var file = new WatchedFile<TTag>(path, tag);
            _engine.Add(file);
            _files.Add(path, file);
            _engine.WakeIfTold();
            previous = default;
            return true;
        }
    }

    /// <inheritdoc cref="Add(string, TTag, out TTag)"/>
    public bool Add(string path, TTag tag) => Add(path, tag, out _);

    /// <summary>
    /// Stops watching a file. Events of it that are in the channel already stay there, with the value of their time;
    /// after this returned, none is put there any more, also if it waited for room.
    /// </summary>
    /// <param name="path">The file, in any spelling that is taken for the same when it is added.</param>
    /// <param name="tag">The value that it had.</param>
    /// <returns>False where it is not watched.</returns>
    /// <exception cref="ArgumentException">As with <see cref="Add(string, TTag)"/>.</exception>
    /// <exception cref="VigilException">As with <see cref="Add(string, TTag)"/>.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed, or ended with an error.</exception>
    public bool Remove(string path, [MaybeNullWhen(false)] out TTag tag)
    {
        path = Complete(path);
        lock (_engine.Gate)
        {
            ObjectDisposedException.ThrowIf(_engine.IsStopped, this);
            if (!_files.Remove(path, out WatchedFile<TTag>? file))
            {
                tag = default;
                return false;
            }

            _engine.Remove(file);
            tag = file.Tag;
            return true;
        }
    }

    /// <inheritdoc cref="Remove(string, out TTag)"/>
    public bool Remove(string path) => Remove(path, out _);

    /// <summary>The events as they come, until the token is cancelled or the watcher disposed.</summary>
    /// <param name="cancellationToken">Ends the reading; the watcher goes on.</param>
    /// <returns>The events.</returns>
    public IAsyncEnumerable<FileEvent<TTag>> ReadAllAsync(CancellationToken cancellationToken = default) =>
        Events.ReadAllAsync(cancellationToken);

    /// <summary>
    /// Gives the instance and its watches back and completes <see cref="Events"/>; both are done when it returns. May
    /// be called more than once and from any thread, also from the loop that reads the events.
    /// </summary>
    public void Dispose()
    {
        _engine.Stop();
        _engine.Join();
    }

    /// <summary>As <see cref="Dispose"/>, without holding a thread meanwhile.</summary>
    /// <returns>A task that ends when everything is given back.</returns>
    public ValueTask DisposeAsync()
    {
        _engine.Stop();
        return new ValueTask(_engine.Ended);
    }

    private static string Complete(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("The path contains a NUL.", nameof(path));
        }

        path = WorkingDirectory.Complete(path);
        if (path == "/")
        {
            throw new ArgumentException("The path names no file in a directory.", nameof(path));
        }

        ReadOnlySpan<byte> bytes = PathText.ToBytes(path);
        int nameBytes = bytes.Length - bytes.LastIndexOf((byte)'/') - 1;
        if (bytes.Length > MaxPathBytes || nameBytes > MaxNameBytes)
        {
            throw new ArgumentException(
                $"A path may have {MaxPathBytes} bytes and a name {MaxNameBytes}.", nameof(path));
        }

        return path;
    }
}
