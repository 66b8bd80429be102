using System.Threading.Channels;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// Watches whole trees and tells every change in order, so that a reader that applies them to the first scan holds
/// exactly
/// the tree whenever it is at rest. All members are thread-safe; the stream is meant for one reader.
/// </summary>
/// <remarks>A path that is not valid UTF-8 is given as <see cref="PathText.FromBytes"/> writes it.</remarks>
/// <example><code>
/// await using var watcher = await TreeWatcher.StartAsync("src");
/// await foreach (FileChange change in watcher.ReadAllAsync(cancellation))
///     Console.WriteLine(change);
/// </code></example>
public sealed class TreeWatcher : IAsyncDisposable
{
    private readonly TreeEngine _engine;

    private TreeWatcher(TreeEngine engine) => _engine = engine;

    /// <summary>
    /// The changes, for one reader; it completes once the watcher is disposed or every watched path is gone.
    /// </summary>
    public ChannelReader<FileChange> Changes => _engine.Changes;

    /// <summary>The counters now.</summary>
    public TreeWatcherStatistics Statistics => _engine.Statistics;

    /// <summary>Whether the kernel gave no more watches when it was asked last: directories are polled until it does,
    /// and each comparison, also that for <see cref="SyncAsync"/>, asks again.</summary>
    public bool IsShortOfWatches => _engine.IsShortOfWatches;

    /// <summary>Checks that a path can be watched now: it exists and may be read.</summary>
    /// <param name="path">A directory or a file.</param>
    /// <exception cref="VigilException">Why not: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG.</exception>
    public static void CheckPath(string path)
    {
        path = WorkingDirectory.Complete(path);
        byte[] terminated = PathText.ToTerminated(path);
        bool isDirectory = Stat.Get(terminated, followLinks: true).Type == EntryType.Directory;

        // Of a file, the directory that it really is in is watched.
        string real = LinkChain.Resolve(path).RealPath;
        DirectoryHandle.Open(
            isDirectory ? terminated : PathText.ToTerminated(Path.GetDirectoryName(real) ?? "/"),
            followLink: true).Dispose();
    }

    /// <summary>Watches one path: a directory with all below it, or a single file.</summary>
    /// <param name="path">A directory or a file; a symbolic link is followed.</param>
    /// <param name="cancellationToken">Ends the first scan.</param>
    /// <returns>The watcher, once everything is watched: no later change is missed.</returns>
    /// <exception cref="VigilException">The path cannot be watched, or there is no inotify instance left.</exception>
    public static Task<TreeWatcher> StartAsync(string path, CancellationToken cancellationToken = default) =>
        StartAsync([path], options: null, cancellationToken);

    /// <summary>Watches several paths by one set of rules.</summary>
    /// <param name="paths">Directories or files; one that lies inside another is covered by it.</param>
    /// <param name="options">What is watched and told, or null for everything.</param>
    /// <param name="cancellationToken">Ends the first scan.</param>
    /// <returns>The watcher, once everything is watched: no later change is missed.</returns>
    /// <exception cref="VigilException">A path cannot be watched, or there is no inotify instance left.</exception>
    /// <exception cref="ArgumentException">A pattern of the options is not valid.</exception>
    /// <exception cref="NotSupportedException">The backend is not there yet.</exception>
    public static async Task<TreeWatcher> StartAsync(
        IEnumerable<string> paths, TreeWatcherOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= new TreeWatcherOptions();
        if (options.Backend == WatchBackend.Fanotify)
        {
            throw new NotSupportedException("The fanotify backend is not there yet; use Auto, Inotify or Poll.");
        }

        var engine = new TreeEngine(options);
        await engine.StartAsync(paths.ToArray(), cancellationToken).ConfigureAwait(false);
        return new TreeWatcher(engine);
    }

    /// <summary>
    /// The changes as they come, until the token is cancelled, the watcher disposed or every watched path gone.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading; the watcher goes on.</param>
    /// <returns>The changes.</returns>
    public IAsyncEnumerable<FileChange> ReadAllAsync(CancellationToken cancellationToken = default) =>
        Changes.ReadAllAsync(cancellationToken);

    /// <summary>Watches one more path.</summary>
    /// <param name="path">A directory or a file.</param>
    /// <param name="cancellationToken">Ends the waiting, not the adding.</param>
    /// <returns>A task that ends when the path is watched; what is there was told as created by then.</returns>
    /// <exception cref="VigilException">The path cannot be watched.</exception>
    public Task AddAsync(string path, CancellationToken cancellationToken = default) =>
        _engine.InvokeAsync(() => _engine.AddRootNow(path), cancellationToken);

    /// <summary>Stops watching a path that was given before. Its entries leave the mirror without a word.</summary>
    /// <param name="path">The path as it was given.</param>
    /// <param name="cancellationToken">Ends the waiting, not the removing.</param>
    /// <returns>Whether it was watched.</returns>
    public Task<bool> RemoveAsync(string path, CancellationToken cancellationToken = default) =>
        _engine.InvokeAsync(() => _engine.RemoveRoot(path), cancellationToken);

    /// <summary>
    /// Waits until everything that happened before this call is in <see cref="Changes"/>. The reader has to go on
    /// reading
    /// meanwhile: where <see cref="TreeWatcherOptions.Capacity"/> is reached, the rest waits for it. With
    /// <see cref="TreeWatcherOptions.Settle"/> it also waits until all of that is quiet.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends then.</returns>
    public Task SyncAsync(CancellationToken cancellationToken = default) =>
        _engine.SyncAsync(cancellationToken);

    /// <summary>The mirror as it is now.</summary>
    /// <returns>Every entry, and the sequence number of the last change that is in it.</returns>
    public TreeSnapshot Snapshot() => _engine.Snapshot();

    /// <summary>Whether there is something at a path, as far as the mirror knows.</summary>
    /// <param name="path">An absolute path, as bytes.</param>
    /// <param name="identity">Which file it is, as <see cref="Platform.Linux.FileStatus.Identity"/> tells it; 0 where
    /// that is not known.</param>
    /// <returns>Whether there is.</returns>
    public bool TryGetIdentity(ReadOnlySpan<byte> path, out ulong identity) =>
        _engine.TryGetIdentity(path, out identity);

    /// <summary>
    /// Gives the kernel's watches back and completes <see cref="Changes"/>. May be called more than once.
    /// </summary>
    /// <returns>A task that ends when the watcher's thread has ended.</returns>
    public ValueTask DisposeAsync() => new(_engine.StopAsync());
}
