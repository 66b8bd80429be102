using Vigil.Cli.Run.Settings;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Run.Config;

/// <summary>
/// Where a plan comes from: a vigil.yaml, which may be another one when it is read again. Not thread-safe.
/// </summary>
/// <param name="said">What the command line says, which wins.</param>
/// <param name="path">The file.</param>
/// <param name="names">The groups that were asked for.</param>
internal sealed class ConfigSource(RunSettings said, string path, IReadOnlyList<string> names)
{
    private byte[]? _content;

    /// <summary>The file, as it was found.</summary>
    public string Path => path;

    /// <summary>Whether it can be read again: a pipe cannot.</summary>
    public bool IsFile => Stat.TryGet(PathText.ToTerminated(path), followLinks: true, out FileStatus status)
        == Failure.None && status.Type == EntryType.File;

    /// <summary>Whether there is something else in it than was read last.</summary>
    public bool HasChanged => TryContent() is { } now && _content is { } before && !now.AsSpan().SequenceEqual(before);

    /// <summary>Reads it.</summary>
    /// <exception cref="UsageException">Something is wrong in it.</exception>
    /// <exception cref="VigilException">It cannot be read.</exception>
    public RunPlan Read()
    {
        // Before the rest: what is written meanwhile is noticed as a change.
        _content = TryContent();
        RunConfig config = new ConfigReader(new ConfigFile(path)).Read();
        return RunPlanner.ForConfig(said, config, names) with { Source = this };
    }

    private byte[]? TryContent()
    {
        try
        {
            return IsFile ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Just being replaced; who writes the next one is noticed, too.
            return null;
        }
    }
}
