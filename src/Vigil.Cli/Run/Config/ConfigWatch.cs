using System.Diagnostics;
using Vigil.Cli.Run.Settings;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Cli.Run.Config;

/// <summary>
/// Notices that a vigil.yaml is another one than the plan was made of. For the thread of the loop alone.
/// </summary>
internal sealed class ConfigWatch
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private readonly ConfigSource _source;
    private readonly ChangeFeed _feed;
    private readonly byte[] _path;
    private long _changed = Stopwatch.GetTimestamp();

    private ConfigWatch(ConfigSource source, ChangeFeed feed, string path)
    {
        _source = source;
        _feed = feed;
        _path = PathText.ToBytes(path);
    }

    /// <summary>Starts to watch the directory of the file, which survives however it is saved.</summary>
    /// <returns>The watch; null where there is nothing that could change.</returns>
    /// <exception cref="VigilException">The directory cannot be watched.</exception>
    public static async Task<ConfigWatch?> StartAsync(
        ConfigSource source, RunLoop loop, CancellationToken cancellationToken)
    {
        if (!source.IsFile || CurrentDirectory.Lexical(source.Path) is not { } path)
        {
            return null;
        }

        GroupPlan plan = new()
        {
            Name = string.Empty,
            Commands = [],
            Watch = [Path.GetDirectoryName(path) ?? "/"],
            Kinds = FileChangeKinds.All & ~FileChangeKinds.Metadata,
        };
        ChangeFeed feed = await ChangeFeed.StartAsync(plan, loop, cancellationToken).ConfigureAwait(false);
        return new ConfigWatch(source, feed, path);
    }

    /// <summary>Looks whether there is another one.</summary>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="left">How long until it has to look again, if nothing happens before.</param>
    public bool HasChanged(long now, out TimeSpan left)
    {
        while (_feed.TryRead(out FileChange change))
        {
            if (change.PathBytes.SequenceEqual(_path))
            {
                _changed = now;
            }
        }

        left = Timeout.InfiniteTimeSpan;
        if (_changed == 0)
        {
            return false;
        }

        left = Quiet - Stopwatch.GetElapsedTime(_changed, now);
        if (left > TimeSpan.Zero)
        {
            return false;
        }

        left = Timeout.InfiniteTimeSpan;
        _changed = 0;
        return _source.HasChanged;
    }

    /// <summary>Ends the watching.</summary>
    public ValueTask StopAsync() => _feed.StopAsync();
}
