using System.Globalization;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Bus.Trees;

/// <summary>What two subscribers have to have in common to share a ring.</summary>
/// <param name="Root">The root that they named.</param>
/// <param name="Kinds">The kinds that they want.</param>
/// <param name="Globs">Their globs, each with what it is for and its length before it.</param>
/// <param name="Descriptors">The user for whom descriptors are opened; null where none are wanted.</param>
/// <param name="Foreign">Whose it is, of a user that is not the server's own: what it takes is its own share.</param>
internal sealed record FeedKey(
    string Root, FileChangeKinds Kinds, string Globs, (uint User, uint Group)? Descriptors, uint? Foreign)
{
    internal static FeedKey Of(
        Records.SieveRules rules, (uint User, uint Group)? descriptors, uint? foreign = null) => new(
        PathText.FromBytes(rules.Root),
        rules.Kinds,
        string.Concat(rules.Include.Select(glob => Marked('+', glob)).Concat(
            rules.Exclude.Select(glob => Marked('-', glob)))),
        descriptors,
        foreign);

    // With its length before it: a glob may have any byte in it, and must not look like two.
    private static string Marked(char use, string glob) =>
        string.Create(CultureInfo.InvariantCulture, $"{use}{glob.Length}:{glob}");
}
