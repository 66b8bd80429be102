using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>
/// The mirror promise across processes: storms of several processes change a tree, and subscribers in processes of
/// their own follow, of which some are stopped, killed and started again at random. A failing seed is printed;
/// VIGIL_SEED replays it.
/// </summary>
[Collection(nameof(Alone))]
public sealed class StormTests : IDisposable
{
    private const int Rounds = 4;
    private const int Operations = 1500;

    private readonly StormCrew _crew = new(2);

    public void Dispose() => _crew.Dispose();

    [Fact]
    public Task Every_mirror_is_right_whoever_is_stopped_killed_and_started_again() =>
        Seed.RunManyAsync(4, random => RunAsync(random, killsServer: false, stopsLast: false));

    [Fact]
    public async Task Every_mirror_is_right_where_rings_and_history_are_small()
    {
        // Who stands still while the ring runs over is evicted, and comes back for what it missed. At once: with the
        // patience that rings have for readers of large renames a storm may be over before.
        await Seed.RunManyAsync(4, async random => Assert.InRange(
            await RunAsync(random, killsServer: false, stopsLast: true, "ring=65536", "history=262144", "patience=0"),
            Rounds,
            int.MaxValue));
    }

    [Fact]
    public Task Every_mirror_is_right_when_the_server_is_killed_under_load() =>
        Seed.RunManyAsync(3, async random =>
            Assert.InRange(
                await RunAsync(random, killsServer: true, stopsLast: false), 2 * Rounds, int.MaxValue));

    // How often those that run at the end had lost the server, or were too slow for it.
    private async Task<int> RunAsync(Random random, bool killsServer, bool stopsLast, params string[] words)
    {
        using TempTree tree = random.Next(2) == 0 ? TempTree.InMemory() : new TempTree();
        using TempTree states = TempTree.InMemory();
        string root = tree.MakeDirectory("root");
        string outside = tree.MakeDirectory("outside");
        int seed = random.Next();
        await _crew.RunAloneAsync(seed, 200, root, outside);
        using ServerProcess server = ServerProcess.Start(words);
        var crowd = new Crowd(server, tree.Path, root, states);
        try
        {
            crowd.Start();
            for (int round = 0; round < Rounds; round++)
            {
                Task<int> storm = _crew.RunAsync(seed + round, Operations, root, outside);
                if (killsServer)
                {
                    server.Kill();
                    server.Restart();
                }

                if (stopsLast)
                {
                    crowd.StopLast();
                }
                else
                {
                    crowd.Disturb(random);
                }

                await storm;
                crowd.Restore();
                crowd.Check();
            }

            return crowd.CountLines("overflowed ");
        }
        finally
        {
            crowd.Dispose();
        }
    }
}
