using System.Text.RegularExpressions;
using Vigil.Cli.Run.Settings;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Cli.Run.Changes;

/// <summary>What of the watcher's changes counts: what the patterns cannot say.</summary>
internal sealed class ChangeFilter
{
    private readonly IReadOnlyList<Regex> _expressions;
    private readonly List<string> _roots;
    private readonly byte[] _ownDirectory;
    private readonly byte[] _configPath;

    /// <summary>A filter.</summary>
    /// <param name="plan">The rules.</param>
    /// <param name="ownDirectory">Where vigil itself writes.</param>
    /// <param name="configPath">The file that the rules are from, which is looked after elsewhere; or null.</param>
    public ChangeFilter(GroupPlan plan, string ownDirectory, string? configPath)
    {
        _expressions = plan.IgnoreExpressions;
        _roots = [.. plan.Watch.Select(static path => CurrentDirectory.Lexical(path)).OfType<string>()];
        _ownDirectory = PathText.ToBytes(ownDirectory + "/");
        _configPath = configPath is not null && CurrentDirectory.Lexical(configPath) is { } path
            ? PathText.ToBytes(path)
            : [];
        CountsClosed = plan.Kinds.HasFlag(FileChangeKinds.Closed);
    }

    /// <summary>Whether closing a file is a change, and not only the end of one.</summary>
    public bool CountsClosed { get; }

    /// <summary>Whether a change counts.</summary>
    public bool Takes(in FileChange change)
    {
        if (change.Kind >= FileChangeKind.Ready || change.PathBytes.StartsWith(_ownDirectory)
            || change.PathBytes.SequenceEqual(_configPath))
        {
            return false;
        }

        if (_expressions.Count == 0)
        {
            return true;
        }

        return !IsIgnored(PathText.FromBytes(change.PathBytes))
            || (change.Kind == FileChangeKind.Renamed && !IsIgnored(PathText.FromBytes(change.OldPathBytes)));
    }

    private bool IsIgnored(string path)
    {
        string relative = RelativePath.Of(path, _roots);
        foreach (Regex expression in _expressions)
        {
            try
            {
                if (expression.IsMatch(relative))
                {
                    return true;
                }
            }
            catch (RegexMatchTimeoutException)
            {
                // It takes longer than a second for one path: as good as no match.
            }
        }

        return false;
    }
}
