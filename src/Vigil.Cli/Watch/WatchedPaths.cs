using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>
/// The PATHs that can be watched. One that cannot is told and left out, and nothing is lost on the others; the command
/// then ends with status 1.
/// </summary>
internal sealed class WatchedPaths
{
    private readonly WatchOptions _options;
    private readonly SessionEnd _end;
    private readonly List<Root> _roots = [];
    private readonly HashSet<string> _missing = [];

    public WatchedPaths(WatchOptions options, SessionEnd end)
    {
        _options = options;
        _end = end;
        foreach (string path in options.Paths)
        {
            Add(path);
        }

        if (options.IsRecursive && !options.IsRaw)
        {
            TellCovered();
        }
    }

    /// <summary>Whether none is left.</summary>
    public bool IsEmpty => _roots.Count == 0;

    /// <summary>The PATHs as they were typed.</summary>
    public IEnumerable<string> Typed => _roots.Select(static root => root.Typed);

    /// <summary>As <see cref="Typed"/>; one that covers another comes before it.</summary>
    public IEnumerable<string> OutermostFirst =>
        _roots.OrderBy(static root => root.Absolute.Length).Select(static root => root.Typed);

    /// <summary>The PATHs from the root on.</summary>
    public IEnumerable<string> Absolute => _roots.Select(static root => root.Absolute);

    /// <summary>How many directories are PATHs themselves, and not inside another one.</summary>
    public int OuterDirectories => _roots.Count(root => root.Identity != 0 && CoverOf(root) is null);

    /// <summary>Whether none of the PATHs is there yet.</summary>
    public bool AreAllMissing => _missing.Count > 0 && _missing.Count == _roots.Count;

    /// <summary>Whether a PATH was told of as not there yet; once.</summary>
    public bool WasToldMissing(string absolute) => _missing.Remove(absolute);

    /// <summary>Leaves out the path that an exception is about, after all, or every one that turns out bad.</summary>
    /// <returns>False where there is none to leave out.</returns>
    public bool Remove(VigilException failure)
    {
        string? absolute = failure.Path is { } path ? CurrentDirectory.Lexical(path) : null;
        if (absolute is null)
        {
            return RemoveBad() > 0;
        }

        return RemoveWhere(root => root.Typed == failure.Path || root.Absolute == absolute, failure) > 0
            || RemoveBad() > 0
            || RemoveWhere(root => Path.GetDirectoryName(root.Absolute) == absolute, failure) > 0;
    }

    private int RemoveWhere(Predicate<Root> isBad, VigilException failure)
    {
        int count = _roots.RemoveAll(isBad);
        if (count > 0)
        {
            Refuse(failure.Message);
        }

        return count;
    }

    private int RemoveBad() => _roots.RemoveAll(root =>
    {
        try
        {
            TreeWatcher.CheckPath(root.Absolute);
            return false;
        }
        catch (VigilException e) when (_options.WaitsForPaths && e.Failure == Failure.NotFound)
        {
            return false;
        }
        catch (VigilException e)
        {
            Refuse(e.Message);
            return true;
        }
    });

    private void Refuse(string message)
    {
        Talk.Error(message);
        _end.HasErrors = true;
    }

    private static ulong DirectoryIdentity(string path)
    {
        Failure failure = Stat.TryGet(PathText.ToTerminated(path), followLinks: true, out FileStatus status);
        return failure == Failure.None && status.Type == EntryType.Directory
            ? status.Identity(withBirth: false)
            : 0;
    }

    private void Add(string path)
    {
        if (CurrentDirectory.Lexical(path) is not { } absolute)
        {
            Refuse($"{path}: the current directory does not exist any more; change into one that does, "
                + "or give an absolute PATH");
            return;
        }

        bool isMissing = false;
        try
        {
            if (!_options.IsRaw)
            {
                TreeWatcher.CheckPath(path);
            }
        }
        catch (VigilException e) when (_options.WaitsForPaths && e.Failure == Failure.NotFound)
        {
            isMissing = true;
        }
        catch (VigilException e)
        {
            Refuse(e.Message);
            return;
        }

        Root root = new(path, absolute, DirectoryIdentity(path));
        foreach (Root other in _roots)
        {
            if (other.Absolute == root.Absolute || (root.Identity != 0 && root.Identity == other.Identity))
            {
                Note(other.Typed == root.Typed
                    ? $"{root.Typed} is given twice; it is watched once"
                    : $"{root.Typed} is the same as {other.Typed}; it is watched once");
                return;
            }
        }

        _roots.Add(root);
        if (isMissing)
        {
            _missing.Add(absolute);
            Note($"{path} is not there yet; waiting for it");
        }
    }

    private void TellCovered()
    {
        foreach (Root inner in _roots)
        {
            if (CoverOf(inner) is { } outer)
            {
                Note($"{inner.Typed} is inside {outer.Typed}: each change is told once");
            }
        }
    }

    private Root? CoverOf(Root inner) => _roots.Find(outer =>
        !ReferenceEquals(inner, outer)
        && inner.Absolute.StartsWith(
            outer.Absolute.EndsWith('/') ? outer.Absolute : outer.Absolute + "/", StringComparison.Ordinal));

    private void Note(string message)
    {
        if (!_options.IsQuiet)
        {
            Talk.Error(message);
        }
    }

    private sealed record Root(string Typed, string Absolute, ulong Identity);
}
