using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>
/// A directory on the way is swapped for a symbolic link, again and again, while its tree is scanned and watched: what
/// is behind the link, outside of what is allowed, is never told.
/// </summary>
public sealed class SwapTests : IDisposable
{
    // More than the watcher holds open at a time, so that it goes by paths.
    private const int Directories = 2000;
    private const int Rounds = 20;

    private readonly TempTree _tree = TempTree.InMemory();
    private readonly TempTree _outside = TempTree.InMemory();
    private readonly TempTree _place = TempTree.InMemory();
    private readonly ManualResetEventSlim _over = new();

    public SwapTests()
    {
        for (int i = 0; i < Directories; i++)
        {
            _ = _tree.MakeDirectory($"root/way/d{i}");
            _ = _outside.WriteFile($"d{i}/secret");
            _ = _outside.WriteFile($"way/d{i}/secret");
        }
    }

    public void Dispose()
    {
        _over.Dispose();
        _place.Dispose();
        _outside.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public Task Below_the_root() => AttackAsync(_tree.At("root/way"), _outside.Path, longestMs: 25);

    [Fact]
    public Task The_root_itself() => AttackAsync(_tree.At("root"), _outside.Path, longestMs: 400);

    private async Task AttackAsync(string way, string target, int longestMs)
    {
        await using BusServer server = BusServer.Start(new BusServerOptions
        {
            SocketPath = _place.At("bus.sock"),
            AllowedRoots = { _tree.Path },
            GracePeriod = TimeSpan.Zero,
        });
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        var swapping = Task.Factory.StartNew(() => Swap(way, target, longestMs), TaskCreationOptions.LongRunning);
        var secrets = new List<string>();
        int told = 0;
        for (int round = 0; round < Rounds;)
        {
            try
            {
                await foreach (FileChange change in client.SinceAsync(_tree.At("root"), default))
                {
                    told++;
                    if (change.Path.EndsWith("secret", StringComparison.Ordinal))
                    {
                        secrets.Add(change.Path);
                    }
                }

                round++;
            }
            catch (BusException e)
                when (e.Problem is BusProblem.Unwatchable or BusProblem.NotAllowed or BusProblem.Ended)
            {
                // It was the link just then.
            }
        }

        _over.Set();
        await swapping;
        Assert.True(secrets.Count == 0, $"{secrets.Count} of {told}, as {secrets.FirstOrDefault()}");
        Assert.True(told > Rounds, $"{told} entries were told in {Rounds} rounds");
    }

    private void Swap(string way, string target, int longestMs)
    {
        string hidden = way + ".hidden";
        var random = new Random(1);
        do
        {
            Directory.Move(way, hidden);
            _ = File.CreateSymbolicLink(way, target);
            _ = _over.Wait(random.Next(5));
            File.Delete(way);
            Directory.Move(hidden, way);
        }
        while (!_over.Wait(random.Next(longestMs)));
    }
}
