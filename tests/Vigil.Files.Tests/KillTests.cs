using System.Diagnostics;

namespace Vigil.IO.Tests;

/// <summary>A process that is killed while it replaces a file leaves the old content or the new, each whole.</summary>
[Collection(nameof(Alone))]
public sealed class KillTests : IDisposable
{
    private const int Kills = 300;
    private const int Bytes = 64 << 10;
    private const int LongestMs = 12;

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public Task Three_hundred_times_killed_at_random_the_file_is_whole() => Seed.RunAsync(async random =>
    {
        int left = 0;
        HashSet<int> contents = [];
        for (int i = 0; i < Kills; i += 2)
        {
            const long Longest = 1_000_000_000L * LongestMs / 1000;
            long[] moments = [random.NextInt64(Longest), random.NextInt64(Longest)];
            string[] folders = [_tree.MakeDirectory("a"), _tree.MakeDirectory("b")];
            await Task.WhenAll(folders.Zip(moments, (folder, moment) => Task.Run(() => Kill(folder, moment))));
            foreach (string folder in folders)
            {
                byte[] content = File.ReadAllBytes(Path.Combine(folder, "file"));
                Assert.Equal(Bytes, content.Length);
                Assert.False(content.AsSpan().ContainsAnyExcept(content[0]), $"two contents in one, after {i} kills");
                contents.Add(content[0]);
                string[] temporary = Directory.GetFiles(folder, ".vigil-*");
                Assert.InRange(temporary.Length, 0, 1);
                left += temporary.Length;
                Directory.Delete(folder, recursive: true);
            }
        }

        // They were killed in the middle of it, and at different moments.
        Assert.InRange(left, 1, Kills);
        Assert.InRange(contents.Count, 2, 256);
        Console.WriteLine($"{Kills} killed: {left} in the middle of a write, {contents.Count} different contents left");
    });

    private static void Kill(string folder, long moment)
    {
        using ChildProcess host = HostProcess.Start("rewrite", Path.Combine(folder, "file"), $"{Bytes}");
        host.Output.WaitForLine(line => line == "begun", "the file to be replaced");
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun).TotalNanoseconds < moment;)
        {
            Thread.SpinWait(100);
        }

        host.Send(Signal.SIGKILL);
        Assert.NotEqual(0, host.WaitForExit());
    }
}
