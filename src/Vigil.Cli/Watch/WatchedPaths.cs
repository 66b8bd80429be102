using System.Text;
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
    private readonly List<Root> _roots = [];

    public WatchedPaths(WatchOptions options)
    {
        _options = options;
        foreach (string path in options.Paths)
        {
            Add(path);
        }

        if (options.IsRecursive && !options.IsRaw)
        {
            TellCovered();
        }
    }

    /// <summary>Whether a PATH was left out for an error.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>Whether none is left.</summary>
    public bool IsEmpty => _roots.Count == 0;

    /// <summary>The PATHs as they were typed.</summary>
    public IEnumerable<string> Typed => _roots.Select(static root => root.Typed);

    /// <summary>As <see cref="Typed"/>; one that covers another comes before it.</summary>
    public IEnumerable<string> OutermostFirst =>
        _roots.OrderBy(static root => root.Absolute.Length).Select(static root => root.Typed);

    /// <summary>The PATHs from the root on.</summary>
    public IEnumerable<string> Absolute => _roots.Select(static root => root.Absolute);

    /// <summary>Leaves out the path that an exception is about, after all.</summary>
    /// <returns>False where the exception is about none of them.</returns>
    public bool Remove(VigilException failure)
    {
        if (failure.Path is not { } path)
        {
            return false;
        }

        string absolute = Lexical(path);
        int index = _roots.FindIndex(root => root.Typed == path || root.Absolute == absolute);
        if (index < 0)
        {
            return false;
        }

        Talk.Error(failure.Message);
        HasErrors = true;
        _roots.RemoveAt(index);
        return true;
    }

    private static string Lexical(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static ulong DirectoryIdentity(string path)
    {
        int length = Encoding.UTF8.GetMaxByteCount(path.Length) + 1;
        Span<byte> buffer = length <= 512 ? stackalloc byte[512] : new byte[length];
        int used = Encoding.UTF8.GetBytes(path, buffer);
        buffer[used] = 0;
        Failure failure = Stat.TryGet(buffer[..(used + 1)], followLinks: true, out FileStatus status);
        return failure == Failure.None && status.Type == EntryType.Directory
            ? status.Identity(withBirth: false)
            : 0;
    }

    private void Add(string path)
    {
        try
        {
            if (!_options.IsRaw)
            {
                TreeWatcher.CheckPath(path);
            }
        }
        catch (VigilException e) when (_options.WaitsForPaths
            && (e.Failure is Failure.NotFound or Failure.NotDirectory))
        {
            Note($"{path} is not there yet; waiting for it");
        }
        catch (VigilException e)
        {
            Talk.Error(e.Message);
            HasErrors = true;
            return;
        }

        Root root = new(path, Lexical(path), DirectoryIdentity(path));
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
    }

    private void TellCovered()
    {
        foreach (Root inner in _roots)
        {
            foreach (Root outer in _roots)
            {
                string prefix = outer.Absolute.EndsWith('/') ? outer.Absolute : outer.Absolute + "/";
                if (!ReferenceEquals(inner, outer) && inner.Absolute.StartsWith(prefix, StringComparison.Ordinal))
                {
                    Note($"{inner.Typed} is inside {outer.Typed}, which covers it");
                    break;
                }
            }
        }
    }

    private void Note(string message)
    {
        if (!_options.IsQuiet)
        {
            Talk.Error(message);
        }
    }

    private sealed record Root(string Typed, string Absolute, ulong Identity);
}
