using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>
/// What becomes of a subscription whose root is replaced: the same, whether somebody else has a tree around it watched
/// or not. A directory is gone with the very one that was subscribed; of a file the name counts.
/// </summary>
public sealed class ReplacedRootTests : IDisposable
{
    private readonly TempTree _tree = new();
    private readonly TempTree _sockets = TempTree.InMemory();

    public void Dispose()
    {
        _tree.Dispose();
        _sockets.Dispose();
    }

    private string Root => _tree.At("in/root");

    [Theory]
    [InlineData("rmdir root; mkdir root", false)]
    [InlineData("rmdir root; mkdir root", true)]
    [InlineData("mkdir new; mv -T new root", false)]
    [InlineData("mkdir new; mv -T new root", true)]
    [InlineData("mkdir new; touch new/x; mv -T new root", false)]
    [InlineData("mkdir new; touch new/x; mv -T new root", true)]
    [InlineData("mv root elsewhere", false)]
    [InlineData("mv root elsewhere", true)]
    [InlineData("mv ../in ../on", false)]
    [InlineData("mv ../in ../on", true)]
    public async Task A_directory_that_is_no_longer_that_one_is_gone(string how, bool isInside)
    {
        _tree.MakeDirectory("in/root");
        await using BusServer server = Serve();
        await using BusClient client = await ConnectAsync();
        await using ToldChanges? outer = await WatchAroundAsync(client, isInside);
        await using var reader = new ToldChanges(client.SubscribeAsync(Root));
        await reader.WaitForAsync(FileChangeKind.Ready);
        ChildProcess.Shell(how, _tree.At("in"));
        await reader.EndAsync();
        Assert.Equal(["Ready", $"Gone {Root}"], reader.Lines.Where(IsNoMetadata));
        Assert.Equal(isInside ? 1 : 0, server.GetStatus().Trees.Count(tree => tree.Root == _tree.Path));
    }

    [Theory]
    [InlineData("echo new > new; mv -T new root", false, FileChangeKinds.All)]
    [InlineData("echo new > new; mv -T new root", true, FileChangeKinds.All)]
    [InlineData("echo new > new; mv -T new root", true, FileChangeKinds.Closed)]
    [InlineData("mv root root~; echo new > root", false, FileChangeKinds.All)]
    [InlineData("mv root root~; echo new > root", true, FileChangeKinds.All)]
    [InlineData("mv root root~; echo new > root", true, FileChangeKinds.Closed)]
    [InlineData("rm root; echo new > root", false, FileChangeKinds.All)]
    [InlineData("rm root; echo new > root", true, FileChangeKinds.All)]
    [InlineData("rm root; echo new > root", true, FileChangeKinds.Closed)]
    public async Task A_file_that_is_saved_by_making_another_goes_on(string how, bool isInside, FileChangeKinds kinds)
    {
        _tree.WriteFile("in/root");
        await using BusServer server = Serve();
        await using BusClient client = await ConnectAsync();
        await using ToldChanges? outer = await WatchAroundAsync(client, isInside);
        BusSubscription subscription = client.SubscribeAsync(
            Root, new SubscribeOptions { Kinds = kinds, ReportInitial = true });
        await using var reader = new ToldChanges(subscription);
        await reader.WaitForAsync(FileChangeKind.Created);
        ChildProcess.Shell(how, _tree.At("in"));
        await subscription.SyncAsync();
        int before = reader.Changes.Length;
        await File.AppendAllTextAsync(Root, "more");
        await Eventually.TrueAsync(
            () => reader.Kinds.Skip(before).Contains(FileChangeKind.Closed), "what happens to the new one");
        Assert.All(
            reader.Changes.Where(change => change.Kind < FileChangeKind.Ready && !change.IsInitial),
            change => Assert.True(kinds.HasFlag((FileChangeKinds)(1 << (int)change.Kind)), $"{change.Kind}"));
        var mirror = new Vigil.Watching.Tests.MirrorReader();
        Array.ForEach(reader.Changes, change => mirror.Apply(change));
        Assert.Equal(Root, Assert.Single(mirror.Entries).Key);
        Assert.All(mirror.Faults, fault => Assert.StartsWith("sequence", fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("rm root", false, FileChangeKinds.All)]
    [InlineData("rm root", true, FileChangeKinds.All)]
    [InlineData("rm root", true, FileChangeKinds.Closed)]
    [InlineData("mv root elsewhere", false, FileChangeKinds.All)]
    [InlineData("mv root elsewhere", true, FileChangeKinds.All)]
    [InlineData("mv ../in ../on", false, FileChangeKinds.All)]
    [InlineData("mv ../in ../on", true, FileChangeKinds.All)]
    [InlineData("rm root; mkdir root", true, FileChangeKinds.All)]
    [InlineData("mv -T link root", true, FileChangeKinds.All)]
    public async Task A_file_that_does_not_come_back_is_gone(string how, bool isInside, FileChangeKinds kinds)
    {
        _tree.WriteFile("in/root");

        // Known before it is renamed: what is renamed unseen is taken for a file until it is looked at.
        File.CreateSymbolicLink(_tree.At("in/link"), "elsewhere");
        await using BusServer server = Serve();
        await using BusClient client = await ConnectAsync();
        await using ToldChanges? outer = await WatchAroundAsync(client, isInside);
        await using var reader = new ToldChanges(client.SubscribeAsync(Root, new SubscribeOptions { Kinds = kinds }));
        await reader.WaitForAsync(FileChangeKind.Ready);
        ChildProcess.Shell(how, _tree.At("in"));
        await reader.EndAsync();

        // Mostly as deleted first, where that was asked for.
        Assert.Equal($"Gone {Root}", reader.Lines[^1]);
        Assert.All(reader.Kinds.SkipLast(1), kind => Assert.True(
            kind == FileChangeKind.Ready || kinds.HasFlag((FileChangeKinds)(1 << (int)kind)), $"{kind}"));
        Assert.DoesNotContain(FileChangeKind.Created, reader.Kinds);
    }

    // Between any two looks of the server it is another file, also while its reader comes back to another server.
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task A_file_that_is_saved_all_the_time_is_never_gone(bool isInside, bool isByRename)
    {
        const int Servers = 12;
        _tree.WriteFile("in/root", "0");
        using var end = new CancellationTokenSource();
        Task saving = Task.CompletedTask;
        BusServer server = Serve();
        try
        {
            await using BusClient client = await ConnectAsync();
            await using ToldChanges? outer = await WatchAroundAsync(client, isInside);
            await using var reader = new ToldChanges(client.SubscribeAsync(Root));
            await reader.WaitForAsync(FileChangeKind.Ready);
            saving = Task.Run(() => Save(isByRename, end.Token));
            for (int i = 1; i <= Servers; i++)
            {
                await server.DisposeAsync();
                server = Serve();
                await Eventually.TrueAsync(
                    () => reader.Kinds.Count(kind => kind == FileChangeKind.Rescanned) >= i
                        || reader.Kinds.Contains(FileChangeKind.Gone),
                    "the reader to be back");
                Assert.DoesNotContain(FileChangeKind.Gone, reader.Kinds);
            }
        }
        finally
        {
            await server.DisposeAsync();
            await end.CancelAsync();
            await saving;
        }
    }

    private void Save(bool isByRename, CancellationToken end)
    {
        for (int i = 0; !end.IsCancellationRequested; i++)
        {
            if (!isByRename)
            {
                // There most of the time, as with whoever saves like this.
                _ = end.WaitHandle.WaitOne(20);
                File.Move(Root, Root + "~", overwrite: true);
            }

            File.WriteAllText(Root + ".new", $"{i}");
            File.Move(Root + ".new", Root, overwrite: true);
        }
    }

    // What is replaced has another number of links, which one may hear of first.
    private static bool IsNoMetadata(string line) => !line.StartsWith("Metadata", StringComparison.Ordinal);

    private async Task<ToldChanges?> WatchAroundAsync(BusClient client, bool isInside)
    {
        if (!isInside)
        {
            return null;
        }

        var outer = new ToldChanges(client.SubscribeAsync(_tree.Path));
        await outer.WaitForAsync(FileChangeKind.Ready);
        return outer;
    }

    private BusServer Serve() =>
        BusServer.Start(new BusServerOptions { SocketPath = _sockets.At("bus.sock") });

    private Task<BusClient> ConnectAsync() =>
        BusClient.ConnectAsync(new BusClientOptions { SocketPath = _sockets.At("bus.sock") });
}
