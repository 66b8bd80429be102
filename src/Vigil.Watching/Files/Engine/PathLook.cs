using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// One look at the way to a directory: every directory that it passes, every link that it follows, and how far it
/// leads. Immutable once it is taken.
/// </summary>
internal sealed class PathLook
{
    // As many as the kernel follows, path_resolution(7).
    private const int MaxLinks = 40;

    private const InotifyMask Names = InotifyMask.Create | InotifyMask.Delete | InotifyMask.Move;

    // A directory that somebody has open, or is in, is told of by IN_DELETE in the one above at once, by its own
    // IN_DELETE_SELF only when it is let go. One that an empty directory was renamed over is told by IN_MOVED_TO.
    private const InotifyMask Replaced = InotifyMask.Delete | InotifyMask.MovedTo;

    private readonly List<PathStep> _steps = [];

    private PathLook()
    {
    }

    /// <summary>What has not been looked at leads nowhere.</summary>
    internal static PathLook Nowhere { get; } = new();

    /// <summary>The directories that it passes, and the last.</summary>
    internal IReadOnlyList<PathStep> Steps => _steps;

    /// <summary>The directory where it ends, or null where it does not lead there.</summary>
    internal PathStep? End { get; private set; }

    /// <summary>Why it leads no further, where that is not simply that nothing is there.</summary>
    internal Failure Failure { get; private set; }

    /// <summary>Looks along a path.</summary>
    /// <param name="path">An absolute path, as a text of <see cref="PathText"/>.</param>
    /// <returns>What is there now.</returns>
    internal static PathLook Take(string path)
    {
        var look = new PathLook();
        look.Walk(path);
        return look;
    }

    internal bool Equals(PathLook other) =>
        _steps.Count == other._steps.Count && Failure == other.Failure
        && _steps.Zip(other._steps).All(pair => pair.First.Equals(pair.Second));

    private void Walk(string path)
    {
        var rest = new Stack<string>();
        Push(rest, path);
        int links = 0;
        PathStep current = Visit("/");
        while (rest.TryPop(out string? name))
        {
            if (name == "..")
            {
                current = Visit(Path.GetDirectoryName(current.Directory) ?? "/");
                continue;
            }

            string next = Path.Combine(current.Directory, name);
            byte[] terminated = PathText.ToTerminated(next);
            Failure failure = Stat.TryGet(terminated, followLinks: false, out FileStatus status);
            if (failure == Failure.None && status.Type == EntryType.Directory)
            {
                current = Visit(next, status);
                continue;
            }

            Need(current, Names, name);
            bool isLink = failure == Failure.None && status.Type == EntryType.Symlink && links++ < MaxLinks;
            if (!isLink || Stat.TryReadLink(terminated) is not { } target)
            {
                Failure = MeansAbsent(failure) ? Failure.None : failure;
                NeedAbove(current);
                return;
            }

            string text = PathText.FromBytes(target);
            current = text.StartsWith('/') ? Visit("/") : current;
            Push(rest, text);
        }

        End = current;
        current.IsEnd = true;
        NeedAbove(current);
    }

    /// <summary>Whether an answer says that nothing is there, and not only that one cannot see.</summary>
    internal static bool MeansAbsent(Failure failure) => failure is Failure.None or Failure.NotFound
        or Failure.NotDirectory or Failure.SymlinkLoop or Failure.NameTooLong;

    private PathStep Visit(string directory)
    {
        _ = Stat.TryGet(PathText.ToTerminated(directory), followLinks: false, out FileStatus status);
        return Visit(directory, status);
    }

    private PathStep Visit(string directory, in FileStatus status)
    {
        PathStep? step = _steps.Find(s => s.Directory == directory);
        if (step is null)
        {
            step = new PathStep(directory, status.Identity(withBirth: true));
            _steps.Add(step);
        }

        return step;
    }

    private static void Need(PathStep step, InotifyMask mask, string name)
    {
        step.Mask |= mask;
        byte[] bytes = PathText.ToBytes(name);
        if (!step.Names.Exists(n => n.AsSpan().SequenceEqual(bytes)))
        {
            step.Names.Add(bytes);
        }
    }

    private void NeedAbove(PathStep step)
    {
        if (Path.GetDirectoryName(step.Directory) is { } above)
        {
            Need(Visit(above), Replaced, Path.GetFileName(step.Directory));
        }
    }

    private static void Push(Stack<string> rest, string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] != ".")
            {
                rest.Push(parts[i]);
            }
        }
    }
}
