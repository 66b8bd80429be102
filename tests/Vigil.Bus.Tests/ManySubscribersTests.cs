namespace Vigil.Bus.Tests;

/// <summary>Many subscribers of one tree cost the kernel no more than one.</summary>
[Collection(nameof(Alone))]
public sealed class ManySubscribersTests
{
    private const int Subscribers = 50;

    [Fact]
    public async Task Fifty_subscribers_have_the_watches_of_one_and_one_ring()
    {
        using TempTree tree = TempTree.InMemory();

        // By the shell, which is quicker at it: 50,000 directories, as far as this user may watch so many.
        int wide = Platform.Linux.Limits.MaxUserWatches - Platform.Linux.Limits.WatchesInUse() > 60_000 ? 50 : 10;
        ChildProcess.Shell(
            $"for a in $(seq {wide}); do for b in $(seq 20); do mkdir -p $a/$b; "
            + "(cd $a/$b && mkdir $(seq 50)); done; done",
            tree.Path);
        using ServerProcess server = ServerProcess.Start();
        var options = new BusClientOptions { SocketPath = server.SocketPath };
        await using BusClient client = await BusClient.ConnectAsync(options);
        using var end = new CancellationTokenSource();
        var counts = new int[Subscribers];
        Task first = ReadAsync(client, tree.Path, counts, 0, end.Token);
        Eventually.True(() => Volatile.Read(ref counts[0]) > 0, "the first to be ready", TimeSpan.FromSeconds(60));
        int watches = server.CountWatches();
        Assert.True(watches > wide * 20 * 50, $"{watches} watches");
        int descriptors = server.CountDescriptors();
        Task[] others =
            [.. Enumerable.Range(1, Subscribers - 1).Select(i => ReadAsync(client, tree.Path, counts, i, end.Token))];
        Eventually.True(() => counts.All(count => count > 0), "all to be ready");
        Assert.Equal(watches, server.CountWatches());
        Assert.InRange(server.CountDescriptors() - descriptors, 0, 4 * Subscribers);

        tree.WriteFile("1/1/1/file", "x");
        Eventually.True(() => counts.All(count => count == 2), "all to be told");
        BusStatus status = await client.StatusAsync();
        Assert.Equal(Subscribers, Assert.Single(Assert.Single(status.Trees).Feeds).Subscribers.Count);
        await end.CancelAsync();
        await Task.WhenAll([first, .. others]);
        Eventually.True(() => server.CountDescriptors() < descriptors, "what they had to be given back");
    }

    private static async Task ReadAsync(
        BusClient client, string root, int[] counts, int index, CancellationToken cancellation)
    {
        try
        {
            await foreach (Watching.FileChange change in client.SubscribeAsync(root, null, cancellation))
            {
                if (change.Kind is Watching.FileChangeKind.Ready or Watching.FileChangeKind.Created)
                {
                    _ = Interlocked.Increment(ref counts[index]);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
