using System.Diagnostics.CodeAnalysis;
using Vigil.Platform;

namespace Vigil.Watching;

/// <summary>The ignore rules of one directory, and behind them those of the directories around it.</summary>
/// <remarks>
/// <para>
/// The last pattern of a list that matches decides; if none does, the outer list is asked, so the innermost file wins,
/// as gitignore(5) has it. Immutable: any thread may match, and a match allocates nothing.
/// </para>
/// <para>
/// Only the path itself is looked at. A walk that goes down from the root, and does not enter what is ignored, needs no
/// more: that is also why a file cannot be included again below an ignored directory.
/// </para>
/// </remarks>
internal sealed class IgnoreRules
{
    private readonly IgnorePattern[] _patterns;
    private readonly IgnoreRules? _parent;
    private readonly int _baseLength;

    private IgnoreRules(IgnorePattern[] patterns, IgnoreRules? parent, int baseLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(baseLength);
        _patterns = patterns;
        _parent = parent;
        _baseLength = baseLength;
    }

    /// <summary>
    /// Compiles globs that a person gave, strictly: see <see cref="IgnorePattern.Parse"/> for what they mean.
    /// </summary>
    /// <param name="patterns">The globs, in order; later ones win.</param>
    /// <param name="parent">The rules to ask where these say nothing.</param>
    /// <param name="baseLength">
    /// How many bytes of a path name the directory that the globs are relative to, with the slash: 0 for the watched
    /// root, 4 for <c>src/</c>.
    /// </param>
    /// <exception cref="ArgumentException">A glob cannot be meant as it is; one line tells its author why.</exception>
    public static IgnoreRules FromPatterns(IEnumerable<string> patterns, IgnoreRules? parent, int baseLength)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        var compiled = new List<IgnorePattern>();
        foreach (string glob in patterns)
        {
#pragma warning disable MA0015 // The message is for the author of the glob, who does not know our parameters.
            compiled.Add(TryCompile(glob, out string? error) ?? throw new ArgumentException(error));
#pragma warning restore MA0015
        }

        return new IgnoreRules(compiled.ToArray(), parent, baseLength);
    }

    /// <summary>
    /// Compiles an ignore file, leniently: a line that git would never match is left out. Null if no line is left.
    /// </summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="parent">The rules of the directory around it.</param>
    /// <param name="baseLength">As for <see cref="FromPatterns"/>.</param>
    public static IgnoreRules? FromFile(ReadOnlySpan<byte> content, IgnoreRules? parent, int baseLength)
    {
        if (content.StartsWith("\uFEFF"u8))
        {
            content = content[3..];
        }

        var compiled = new List<IgnorePattern>();
        while (!content.IsEmpty)
        {
            int length = content.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = length < 0 ? content : content[..length];
            content = length < 0 ? [] : content[(length + 1)..];
            if (IgnorePattern.FromLine(line) is { } pattern)
            {
                compiled.Add(pattern);
            }
        }

        return compiled.Count == 0 ? null : new IgnoreRules(compiled.ToArray(), parent, baseLength);
    }

    /// <summary>Says whether <see cref="FromPatterns"/> takes a glob, and if not, why, in one line.</summary>
    public static bool TryValidate(string pattern, [NotNullWhen(false)] out string? error) =>
        TryCompile(pattern, out error) is not null;

    /// <summary>What the rules say about a path.</summary>
    /// <param name="path">Relative to the watched root, without a slash at either end: <c>src/obj/a.dll</c>.</param>
    /// <param name="isDirectory">True if a directory is there; a symbolic link to one is none.</param>
    public IgnoreVerdict Match(ReadOnlySpan<byte> path, bool isDirectory)
    {
        ReadOnlySpan<byte> name = path[(path.LastIndexOf((byte)'/') + 1)..];
        for (IgnoreRules? rules = this; rules is not null; rules = rules._parent)
        {
            if (path.Length <= rules._baseLength)
            {
                // The base itself is not below itself: only the lists around it can speak of it.
                continue;
            }

            ReadOnlySpan<byte> relative = path[rules._baseLength..];
            IgnorePattern[] patterns = rules._patterns;
            for (int i = patterns.Length - 1; i >= 0; i--)
            {
                if (patterns[i].Matches(relative, name, isDirectory))
                {
                    return patterns[i].IsNegated ? IgnoreVerdict.Included : IgnoreVerdict.Ignored;
                }
            }
        }

        return IgnoreVerdict.None;
    }

    private static IgnorePattern? TryCompile(string glob, out string? error)
    {
        ArgumentNullException.ThrowIfNull(glob);
        byte[] bytes = PathText.ToBytes(glob);
        IgnorePattern? pattern = IgnorePattern.Parse(bytes, out string? problem, out int column);
        string place = column > 0 ? $" (column {column})" : string.Empty;
        error = problem is null ? null : $"The glob '{glob}': {problem}{place}.";
        return problem is null ? pattern : null;
    }
}
