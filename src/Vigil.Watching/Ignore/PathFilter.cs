namespace Vigil.Watching;

/// <summary>What a user asked to see of a tree: globs to exclude and, if there are any, globs to include.</summary>
/// <remarks>
/// Both lists have gitignore(5) syntax, <c>!</c> too, and are relative to the watched root. An excluded directory costs
/// nothing: it is not entered, so no watch is spent on it. Includes do not prune, because a directory that no include
/// matches may well hold a file that one does; they only choose what is told. Immutable: any thread may ask, and asking
/// allocates nothing.
/// </remarks>
public sealed class PathFilter
{
    private readonly IgnoreRules? _includes;
    private readonly IgnoreRules? _excludes;

    /// <summary>Compiles the globs.</summary>
    /// <param name="include">If there are any, only what one of them matches is told.</param>
    /// <param name="exclude">What they match is left alone, with all below it.</param>
    /// <exception cref="ArgumentException">A glob cannot be meant as it is; one line tells its author why.</exception>
    public PathFilter(IEnumerable<string> include, IEnumerable<string> exclude)
    {
        _includes = FromGlobs(include);
        _excludes = FromGlobs(exclude);
    }

    /// <summary>The filter that lets everything pass.</summary>
    public static PathFilter Empty { get; } = new([], []);

    /// <summary>True if everything passes.</summary>
    public bool IsEmpty => _includes is null && _excludes is null;

    /// <summary>True if only some of what is not excluded is told.</summary>
    public bool HasIncludes => _includes is not null;

    /// <summary>
    /// What the excludes say of a path. A walk that honours ignore files too asks this first: as in git, what was typed
    /// wins over what is in a file, in both directions (<see cref="IgnoreVerdict.Included"/> stems from <c>!glob</c>).
    /// </summary>
    internal IgnoreVerdict MatchExcludes(ReadOnlySpan<byte> relativePath, bool isDirectory) =>
        _excludes is null ? IgnoreVerdict.None : _excludes.Match(relativePath, isDirectory);

    /// <summary>
    /// True if the path is to be left alone, with all below it. The directories above it have been asked about before.
    /// </summary>
    /// <param name="relativePath">Relative to the watched root, without a slash at either end.</param>
    /// <param name="isDirectory">True if a directory is there.</param>
    /// <returns>Whether it is so.</returns>
    public bool IsExcluded(ReadOnlySpan<byte> relativePath, bool isDirectory) =>
        MatchExcludes(relativePath, isDirectory) == IgnoreVerdict.Ignored;

    /// <summary>
    /// True if a change of the path is told: it is not excluded, and it is included, or there are no includes. An
    /// include that matches a directory takes in all below it; where several speak, the nearest to the path decides.
    /// </summary>
    /// <param name="relativePath">Relative to the watched root, without a slash at either end.</param>
    /// <param name="isDirectory">True if a directory is there.</param>
    /// <returns>Whether it is so.</returns>
    public bool IsReported(ReadOnlySpan<byte> relativePath, bool isDirectory) =>
        !IsExcluded(relativePath, isDirectory)
        && IsIncluded(relativePath, isDirectory);

    /// <summary>
    /// As <see cref="IsReported"/>, for who has not asked about the directories above before: one that is excluded
    /// takes out all below it.
    /// </summary>
    /// <param name="relativePath">Relative to the watched root, without a slash at either end.</param>
    /// <param name="isDirectory">True if a directory is there.</param>
    /// <returns>Whether a change of the path is told.</returns>
    public bool IsReportedInAll(ReadOnlySpan<byte> relativePath, bool isDirectory)
    {
        if (_excludes is not null)
        {
            for (int slash = 0; slash < relativePath.Length; slash++)
            {
                if (relativePath[slash] == '/' && IsExcluded(relativePath[..slash], isDirectory: true))
                {
                    return false;
                }
            }
        }

        return IsReported(relativePath, isDirectory);
    }

    /// <summary>
    /// True if an include matches the path, or there are no includes. For what is told of a mirror, which has nothing
    /// in it that is excluded: what a rename has taken to an excluded place must still be told as deleted there.
    /// </summary>
    /// <param name="relativePath">Relative to the watched root, without a slash at either end.</param>
    /// <param name="isDirectory">True if a directory is there.</param>
    /// <returns>Whether it is so.</returns>
    public bool IsIncluded(ReadOnlySpan<byte> relativePath, bool isDirectory) =>
        _includes is null || IsIncluded(_includes, relativePath, isDirectory);

    private static bool IsIncluded(IgnoreRules includes, ReadOnlySpan<byte> path, bool isDirectory)
    {
        while (true)
        {
            IgnoreVerdict verdict = includes.Match(path, isDirectory);
            if (verdict != IgnoreVerdict.None)
            {
                return verdict == IgnoreVerdict.Ignored;
            }

            int slash = path.LastIndexOf((byte)'/');
            if (slash < 0)
            {
                return false;
            }

            path = path[..slash];
            isDirectory = true;
        }
    }

    private static IgnoreRules? FromGlobs(IEnumerable<string> globs)
    {
        ArgumentNullException.ThrowIfNull(globs);
        string[] all = globs.ToArray();
        return all.Length == 0 ? null : IgnoreRules.FromPatterns(all, parent: null, baseLength: 0);
    }
}
