namespace Vigil.Watching;

/// <summary>
/// What a <see cref="TreeWatcher"/> watches and tells. The defaults watch everything below the paths and tell every
/// kind.
/// The watcher copies what it needs when it starts; later changes here have no effect.
/// </summary>
public sealed class TreeWatcherOptions
{
    /// <summary>
    /// Patterns in the syntax of gitignore(5), relative to each watched path; what they match is neither watched nor
    /// told.
    /// </summary>
    public IList<string> Ignore { get; } = [];

    /// <summary>
    /// Patterns in the syntax of gitignore(5); if there are any, only what one of them matches is told.
    /// </summary>
    public IList<string> Include { get; } = [];

    /// <summary>Whether .gitignore and .ignore files in the tree are obeyed, and .git directories left out.</summary>
    public bool HonourIgnoreFiles { get; set; }

    /// <summary>Whether directories below the paths are watched, too.</summary>
    public bool Recursive { get; set; } = true;

    /// <summary>Whether directories on other file systems than the watched path's are left alone.</summary>
    public bool OneFileSystem { get; set; }

    /// <summary>
    /// Whether what is there at the start is told as <see cref="FileChangeKind.Created"/>, after
    /// <see cref="FileChangeKind.Ready"/> and before everything else.
    /// </summary>
    public bool ReportInitial { get; set; }

    /// <summary>If not zero: one change for a path, once the path has been quiet that long.</summary>
    public TimeSpan Settle { get; set; }

    /// <summary>The kinds that are told. Asking for fewer spares the kernel's queue.</summary>
    public FileChangeKinds Kinds { get; set; } = FileChangeKinds.All;

    /// <summary>Where the watcher learns of changes.</summary>
    public WatchBackend Backend { get; set; }

    /// <summary>
    /// How often polled parts are compared with the disk; zero chooses by what a comparison costs (from 1 s on).
    /// </summary>
    public TimeSpan PollInterval { get; set; }

    /// <summary>
    /// Whether paths that do not exist (any more) are waited for, instead of being an error or the end.
    /// </summary>
    public bool WaitForRoots { get; set; }

    /// <summary>
    /// Whether a watched path is followed through symbolic links, also when they lead elsewhere later. Else one that
    /// has any in it, or gets one, is gone: for paths that were checked, and must not lead anywhere else.
    /// </summary>
    public bool FollowRootLinks { get; set; } = true;

    /// <summary>
    /// How many changes are kept for a slow reader, before the rest is replaced by a rescan that it is told of.
    /// </summary>
    public int Capacity { get; set; } = 65_536;

    /// <summary>
    /// How many directories it may have, maybe together with others; null for as many as there are. Where there are
    /// more, the start fails with a <see cref="WatchBudgetException"/>, and so do later the changes.
    /// </summary>
    public WatchBudget? Budget { get; set; }

    internal TreeWatcherOptions Copy()
    {
        var copy = new TreeWatcherOptions
        {
            HonourIgnoreFiles = HonourIgnoreFiles,
            Recursive = Recursive,
            OneFileSystem = OneFileSystem,
            ReportInitial = ReportInitial,
            Settle = Settle,
            Kinds = Kinds,
            Backend = Backend,
            PollInterval = PollInterval,
            WaitForRoots = WaitForRoots,
            FollowRootLinks = FollowRootLinks,
            Capacity = Capacity,
            Budget = Budget,
        };
        foreach (string pattern in Ignore)
        {
            copy.Ignore.Add(pattern);
        }

        foreach (string pattern in Include)
        {
            copy.Include.Add(pattern);
        }

        return copy;
    }
}
