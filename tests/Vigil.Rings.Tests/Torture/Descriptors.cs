
namespace Vigil.Rings.Tests;

/// <summary>What this process has open of the kinds that a ring opens, as /proc tells.</summary>
internal static class Descriptors
{
    // What a process that ended had to do with is let go of by threads of the runtime, soon after.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly string[] Kinds =
        ["/memfd:vigil", "/memfd:torture", "socket:", "anon_inode:[pidfd]", "anon_inode:[event"];

    /// <summary>How many there are, without what other tests left to the collector.</summary>
    internal static int Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Targets().Count();
    }

    /// <summary>How many there are with a target that begins so, of whatever kind.</summary>
    internal static int Count(string start) =>
        All().Count(target => target.StartsWith(start, StringComparison.Ordinal));

    /// <summary>What is open now, for <see cref="ExpectNothingMore"/>.</summary>
    internal static Dictionary<string, int> Snapshot() => All().CountBy(target => target).ToDictionary();

    /// <summary>
    /// Expects nothing more to be open than before, but for the libraries that the runtime opens when it likes.
    /// </summary>
    internal static void ExpectNothingMore(Dictionary<string, int> before)
    {
        string[] more =
        [
            .. from one in Snapshot()
               where one.Value > before.GetValueOrDefault(one.Key)
                   && one.Key.Length > 0 && !one.Key.EndsWith(".dll", StringComparison.Ordinal)
               select one.Key,
        ];
        Assert.True(more.Length == 0, $"left open: {string.Join(", ", more)}");
    }

    /// <summary>Expects as many as before.</summary>
    internal static void Expect(int before) => Eventually.Passes(
        () =>
        {
            string[] now = [.. Targets()];
            Assert.True(now.Length == before, $"{before} descriptors became {now.Length}: {string.Join(", ", now)}");
        },
        "as many descriptors as before",
        Patience);

    private static IEnumerable<string> Targets() =>
        All().Where(target => Array.Exists(Kinds, kind => target.StartsWith(kind, StringComparison.Ordinal)));

    private static IEnumerable<string> All()
    {
        foreach (string entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            string? target = null;
            try
            {
                target = new FileInfo(entry).LinkTarget;
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }

            yield return target ?? "";
        }
    }
}
