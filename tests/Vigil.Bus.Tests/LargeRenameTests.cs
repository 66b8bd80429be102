using System.Globalization;
using System.Text;
using Vigil.Watching;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>A rename that takes many entries along, while many subscribe who see only one end of it.</summary>
[Collection(nameof(Alone))]
public sealed class LargeRenameTests
{
    private const int Files = 20_000;
    private const int Joins = 24;

    [Fact]
    public async Task Who_joins_with_a_filter_of_its_own_in_the_middle_gets_all_of_it_or_nothing()
    {
        using TempTree tree = TempTree.InMemory();
        using ServerProcess server = ServerProcess.Start();
        _ = tree.MakeDirectory("in");
        _ = tree.MakeDirectory("out/big");
        ChildProcess.Shell($"seq {Files} | xargs touch", tree.At("out/big"));
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        ChangePosition before = await client.ClockAsync(tree.Path);
        using var end = new CancellationTokenSource();
        var early = new Mirror(client, tree.Path, before, "early", end.Token);
        await early.Ready;

        // The kernel does it at once; that the server tells it takes a while, in which they join.
        Directory.Move(tree.At("out/big"), tree.At("in/big"));
        Mirror[] joined =
        [
            .. Enumerable.Range(0, Joins).Select(i => new Mirror(
                client,
                tree.Path,
                i % 2 == 0 ? before : default,
                string.Create(CultureInfo.InvariantCulture, $"tag{i}"),
                end.Token)),
        ];
        await Task.WhenAll(joined.Select(mirror => mirror.Ready));
        File.Move(tree.At("in/big/1"), tree.At("in/first"));
        foreach (Mirror mirror in joined.Append(early))
        {
            await mirror.SyncAsync();
            mirror.Check(Files + 3);
        }

        await end.CancelAsync();
        await Task.WhenAll(joined.Append(early).Select(mirror => mirror.Reading));
    }

    private sealed class Mirror
    {
        private readonly MirrorReader _mirror = new() { KeepsChanges = false };
        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly BusSubscription _subscription;
        private readonly string _root;
        private readonly PathFilter _filter;

        internal Mirror(
            BusClient client, string root, ChangePosition since, string tag, CancellationToken cancellation)
        {
            // The tag makes its filter one of its own.
            var options = new SubscribeOptions { Since = since, ReportInitial = true, Ignore = { "/out/", tag } };
            _root = root;
            _filter = new PathFilter(options.Include, options.Ignore);
            if (!since.IsNone)
            {
                // What it held then.
                _mirror.Restore(root, EntryType.Directory);
                _mirror.Restore(root + "/in", EntryType.Directory);
            }

            _subscription = client.SubscribeAsync(root, options, cancellation);
            Reading = Task.Run(ReadAsync, CancellationToken.None);
        }

        internal Task Ready => _ready.Task;

        internal Task Reading { get; }

        internal Task SyncAsync() => _subscription.SyncAsync();

        internal void Check(int count)
        {
            lock (_mirror)
            {
                Dictionary<string, EntryType> disk = DiskWalk.Read(
                    _root, (path, isDirectory) => _filter.IsExcluded(Encoding.Latin1.GetBytes(path), isDirectory));
                Assert.Empty(_mirror.Faults.Concat(_mirror.DifferencesFrom(disk)).Take(10));
                Assert.Equal(count, _mirror.Count);
            }
        }

        private async Task ReadAsync()
        {
            try
            {
                await foreach (FileChange change in _subscription)
                {
                    lock (_mirror)
                    {
                        _mirror.Apply(change);
                    }

                    if (change.Kind == FileChangeKind.Ready)
                    {
                        _ready.SetResult();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
            catch (Exception e)
            {
                _ = _ready.TrySetException(e);
                throw;
            }
        }
    }
}
