using System.Globalization;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// A storm over a tree whose watcher is a process of its own, which is stopped until the kernel's queue has run over.
/// This needs no rights.
/// </summary>
internal static class StoppedStorm
{
    /// <summary>Runs it; what the reader holds must be the tree.</summary>
    /// <param name="crew">Who makes the storm.</param>
    /// <param name="random">What decides everything but the timing.</param>
    /// <param name="options">Options of the host, the words of each between tabs.</param>
    /// <returns>How often events were lost.</returns>
    internal static async Task<int> RunAsync(StormCrew crew, Random random, params string[] options)
    {
        using TempTree tree = random.Next(2) == 0 ? TempTree.InMemory() : new TempTree();
        string root = tree.MakeDirectory("root");
        string outside = tree.MakeDirectory("outside");
        int seed = random.Next();
        await crew.RunAloneAsync(seed, 200, root, outside);
        using HostProcess host = HostProcess.Start();
        foreach (string option in options)
        {
            host.Send("option", option);
        }

        host.Ask("started ", "start", root);
        Task<int> storm = crew.RunAsync(seed, 2000, root, outside);
        host.Stop();
        FillQueue(root);
        await storm;

        // Another one is under way when the watcher goes on and compares everything.
        storm = crew.RunAsync(seed + 1, 2000, root, outside);
        host.Continue();
        await storm;
        host.Check(root);
        return host.Told("Overflowed ").Length;
    }

    // Two events at the least for each file that comes and goes.
    private static void FillQueue(string root)
    {
        string limit = File.ReadAllText("/proc/sys/fs/inotify/max_queued_events");
        string path = Path.Combine(root, "filler");
        for (int i = (int.Parse(limit, CultureInfo.InvariantCulture) / 2) + 1; i > 0; i--)
        {
            try
            {
                File.WriteAllBytes(path, []);
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The storm has put something else in its place.
                path = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"filler{i}"));
            }
        }
    }
}
