using Vigil.Watching;

namespace Vigil.Bus.Records;

/// <summary>What a subscriber wants of a tree.</summary>
/// <param name="Root">The root that it named, as bytes: that of the tree or one inside it.</param>
/// <param name="IsWhole">Whether that is the tree's own root.</param>
/// <param name="Kinds">The kinds that it wants.</param>
/// <param name="Include">Globs; if there are any, only what one of them matches is told.</param>
/// <param name="Exclude">Globs: what they match is left out, with all below it.</param>
internal sealed record SieveRules(
    byte[] Root, bool IsWhole, FileChangeKinds Kinds, IReadOnlyList<string> Include, IReadOnlyList<string> Exclude)
{
    /// <summary>As much is matched for a record without anybody noticing.</summary>
    internal const int CheapCost = 16;

    private const int DeepCost = 8;

    /// <summary>Whether it is everything: then a rename says by itself all that there is to say.</summary>
    internal bool SeesAll => IsWhole && Include.Count == 0 && Exclude.Count == 0;

    /// <summary>How much there is to match for each record: a glob counts one, a <c>**</c> in it more, as that is tried
    /// at each depth of a path.</summary>
    internal int Cost => Include.Concat(Exclude).Sum(glob => 1 + (DeepCost * CountDeep(glob)));

    /// <summary>How many <c>**</c> are in a glob that have to be tried at each depth.</summary>
    internal static int CountDeep(string glob)
    {
        // "**/name" is "name", which is looked at once.
        string rest = glob.StartsWith("**/", StringComparison.Ordinal) && !glob[3..].TrimEnd('/').Contains('/')
            ? glob[3..]
            : glob;
        int count = 0;
        for (int at = 0; (at = rest.IndexOf("**", at, StringComparison.Ordinal)) >= 0; at += 2)
        {
            count++;
        }

        return count;
    }
}
