
namespace Vigil.Rings.Tests;

/// <summary>What this process has open, as /proc tells.</summary>
internal static class Descriptors
{
    // Pipes of processes that were killed are closed by the threads that read them, soon after.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How many descriptors are open.</summary>
    internal static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>Expects as many as before.</summary>
    internal static void Expect(int before) => Eventually.Passes(
        () => Assert.True(Count() == before, $"{before} descriptors became {Count()}: {string.Join(", ", Targets())}"),
        "the descriptors of before",
        Patience);

    private static IEnumerable<string> Targets()
    {
        foreach (string entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            yield return $"{Path.GetFileName(entry)} {new FileInfo(entry).LinkTarget}";
        }
    }
}
