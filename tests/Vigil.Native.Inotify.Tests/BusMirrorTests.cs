using Vigil.Watching.Tests;

namespace Vigil.Native.Inotify.Tests;

/// <summary>
/// The promise of the bus in other languages: whoever applies the changes holds the tree, whatever happens to the
/// server, and from a position on. A failing seed is printed; VIGIL_SEED replays it.
/// </summary>
public sealed class BusMirrorTests : IDisposable
{
    private const int Operations = 1500;

    private readonly TempTree _tree = TempTree.InMemory();
    private readonly StormCrew _crew = new(2);

    public static TheoryData<string> Languages => [.. BusMirror.Languages];

    public void Dispose()
    {
        _crew.Dispose();
        _tree.Dispose();
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public Task The_mirror_is_the_tree_also_when_the_server_is_killed(string language) => Seed.RunAsync(async random =>
    {
        int seed = random.Next();
        using BusServing server = await PrepareAsync(seed);
        using BusMirror mirror = BusMirror.Start(language, server, Root);
        _ = mirror.Check();
        int descriptors = mirror.CountDescriptors();
        for (int round = 0; round < 3; round++)
        {
            await _crew.RunAsync(seed + round, Operations, Root, Outside);
            _ = mirror.Check();
            Task storm = _crew.RunAsync(~seed + round, Operations, Root, Outside);
            server.Kill();
            server.Restart();
            await storm;
            Assert.InRange(mirror.Check().Overflows, round + 1, int.MaxValue);
            ExpectNoMore(mirror, descriptors);
        }

        mirror.End();
    });

    [Theory]
    [MemberData(nameof(Languages))]
    public Task What_came_after_a_position_makes_the_mirror_whole(string language) => Seed.RunAsync(async random =>
    {
        int seed = random.Next();
        using BusServing server = await PrepareAsync(seed);
        using BusMirror mirror = BusMirror.Start(language, server, Root);
        server.Kill();
        server.Restart();
        (_, int freshes) = mirror.Check();
        Assert.Equal(1, freshes); // it came back to a server that knew nothing
        int descriptors = mirror.CountDescriptors();
        for (int round = 0; round < 3; round++)
        {
            _ = mirror.Ask("leave", "left ");
            await _crew.RunAsync(seed + round, Operations, Root, Outside);
            Assert.Equal(freshes, mirror.Check("ask").Freshes);
            Task storm = _crew.RunAsync(~seed + round, Operations, Root, Outside);
            _ = mirror.Ask("resume", "resumed");
            await storm;
            Assert.Equal(freshes, mirror.Check().Freshes);
        }

        _ = mirror.Ask("leave", "left ");
        server.Kill();
        await _crew.RunAsync(seed, Operations, Root, Outside);
        server.Restart();
        _ = mirror.Ask("resume", "resumed");
        Assert.Equal(freshes + 1, mirror.Check().Freshes);
        ExpectNoMore(mirror, descriptors);
        mirror.End();
    });

    // Each file has the number of its inode in it, or nothing yet, whatever name it has and had.
    [Theory]
    [MemberData(nameof(Languages))]
    public void A_file_that_comes_open_is_the_one_that_changed(string language)
    {
        _ = _tree.MakeDirectory("root");
        using BusServing server = BusServing.Start(_tree.Path);
        using BusMirror mirror = BusMirror.Start(language, server, Root, "fds");
        _ = ChildProcess.Shell(
            "for i in $(seq 120); do : > f$i; stat -c %i f$i > f$i; mv f$i g$((i % 7)); done; mkfifo fifo", Root);
        _ = mirror.Check();
        string[][] files = [.. mirror.Lines.Select(line => line.Split(' ')).Where(words => words[0] == "file")];
        Assert.All(files, words => Assert.Contains(words[3], (string[])["", words[2]]));
        int whole = files.Count(words => words[3].Length > 0);
        int without = mirror.Lines.Count(line => line.StartsWith("without ", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{whole} of {files.Length} with content, {without} without");
        Assert.InRange(whole, 20, int.MaxValue);
        mirror.End();
    }

    // What was lost is closed by the thread that waits for it, a moment later.
    private static void ExpectNoMore(BusMirror mirror, int descriptors) => Eventually.True(
        () => mirror.CountDescriptors() <= descriptors, "the descriptors of a lost server to be closed");

    private string Root => _tree.At("root");

    private string Outside => _tree.At("outside");

    private async Task<BusServing> PrepareAsync(int seed)
    {
        _ = _tree.MakeDirectory("root");
        _ = _tree.MakeDirectory("outside");
        await _crew.RunAloneAsync(seed, 200, Root, Outside);
        return BusServing.Start(_tree.Path);
    }
}
