using Vigil.Bus.Records;
using Vigil.Bus.Serving;
using Vigil.Bus.Trees;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>Feeds of a tree: who shares one, who may join when, and what none may do to the others.</summary>
public sealed class FeedTests
{
    [Fact]
    public void Who_wants_something_else_has_another_feed()
    {
        FeedKey one = FeedKey.Of(Rules(["*.txt\n-*.log"], []), null);
        Assert.NotEqual(one, FeedKey.Of(Rules(["*.txt"], ["*.log"]), null));
        Assert.NotEqual(one, FeedKey.Of(Rules(["*.txt\n-*.log"], ["x"]), null));
        Assert.NotEqual(FeedKey.Of(Rules(["1:a+1:b"], []), null), FeedKey.Of(Rules(["1:a", "1:b"], []), null));
        Assert.Equal(one, FeedKey.Of(Rules(["*.txt\n-*.log"], []), null));
    }

    [Fact]
    public async Task Nobody_joins_in_the_middle_of_a_rename()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        long before = held.Tree.Through;
        (RingConsumer Ring, JoinedFeed Joined) first = await held.JoinAsync(held.Rules(exclude: ["out/"]));
        held.Tell(FileChangeKind.Moved, "in/big/a", "out/big/a");
        held.Tell(FileChangeKind.Moved, "in/big/b", "out/big/b");
        held.Take();

        SieveRules rules = held.Rules(exclude: ["out/", "other/"]);
        Task<(RingConsumer Ring, JoinedFeed Joined)> joining = held.JoinAsync(rules, after: before);
        held.Tell(FileChangeKind.Moved, "in/big/c", "out/big/c");
        long last = held.Tell(FileChangeKind.Renamed, "in/big", "out/big", EntryType.Directory);
        held.Tell(FileChangeKind.Created, "later");
        held.Take();

        (RingConsumer ring, JoinedFeed joined) = await joining;
        using CatchUp? catchUp =
            CatchUp.FromHistory(joined.History!, rules, before, joined.Through, CancellationToken.None);
        using var records = new Client.SharedRecords(catchUp!.Records, catchUp.LengthBytes);
        var texts = new List<string>();
        while (records.TryRead(out ChangeRecord record))
        {
            texts.Add(held.Describe(record));
        }

        held.Take();
        texts.AddRange(held.Read(ring));
        string[] expected =
            ["Created in/big", "Created in/big/c", "Created in/big/b", "Created in/big/a", "Created later"];
        Assert.Equal(expected, texts);
        Assert.Equal(expected, held.Read(first.Ring));
        Assert.Equal(last, joined.Through);
    }

    [Fact]
    public async Task A_record_that_no_ring_can_carry_ends_nothing()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        (RingConsumer Ring, JoinedFeed Joined) all = await held.JoinAsync(held.Rules());
        (RingConsumer Ring, JoinedFeed Joined) some = await held.JoinAsync(held.Rules(include: ["*.txt"]));
        held.Tell(FileChangeKind.Created, "before");
        held.Tell(FileChangeKind.Created, new string('x', 100_000));
        held.Tell(FileChangeKind.Created, "after.txt");
        held.Take();
        Assert.Equal(["Created after.txt"], held.Read(some.Ring));
        RingEvictedException evicted = Assert.Throws<RingEvictedException>(() => ReadToEnd(held, all.Ring));
        Assert.Equal(RingEvictionReason.TooSlow, evicted.Reason);

        // It comes back for it.
        (RingConsumer Ring, JoinedFeed Joined) again =
            await held.JoinAsync(held.Rules(), after: held.Tree.Through - 2);
        Assert.True(again.Joined.History!.Records.Length > 100_000);
        held.Tell(FileChangeKind.Created, "last");
        held.Take();
        Assert.Equal(["Created last"], held.Read(again.Ring));
    }

    [Fact]
    public async Task With_descriptors_too_a_record_that_no_ring_can_carry_ends_nothing()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        (RingConsumer Ring, JoinedFeed Joined) all = await held.JoinAsync(held.Rules(), descriptors: OwnUser);
        held.Tell(FileChangeKind.Created, new string('x', 100_000));
        held.Take();
        _ = Eventually.Value(
            () => all.Joined.Feed.GetConsumers().Length == 0 ? all.Joined.Feed : null, "the subscriber to be evicted");
        Assert.False(all.Joined.Feed.IsLost);
        Assert.Same(all.Joined.Feed, Assert.Single(held.Tree.Feeds));
    }

    [Fact]
    public async Task Who_is_gone_before_it_has_joined_leaves_no_feed_behind()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        using UnixSocket here = UnixSocket.CreatePair(out UnixSocket there);
        there.Dispose();
        bool Announce(long through)
        {
            // As the serving thread does, when the peer hangs up.
            here.Dispose();
            return true;
        }

        _ = await Assert.ThrowsAsync<ObjectDisposedException>(
            () => held.Tree.JoinAsync(held.Rules(), null, here, null, Announce));
        Assert.Empty(held.Tree.Feeds);
    }

    [Fact]
    public async Task Closing_and_looking_around_wait_for_no_tree()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        (_, JoinedFeed joined) = await held.JoinAsync(held.Rules());
        using UnixSocket here = UnixSocket.CreatePair(out UnixSocket there);
        using UnixSocket another = UnixSocket.CreatePair(out UnixSocket end);
        using (there)
        using (end)
        {
            var connection = new ServerConnection(2, here, default);
            Assert.True(connection.TryKeep(held.Tree, joined));
            bool Announce(long through)
            {
                // The tree is busy as long as this runs.
                Task looking = Task.Run(() =>
                {
                    _ = held.Tree.Feeds;
                    _ = held.Tree.History;
                    _ = held.Tree.ChangesPerSecond();
                    Assert.NotNull(connection.Close());
                });
                Eventually.True(() => looking.IsCompleted, "others to go on");
                looking.GetAwaiter().GetResult();
                return false;
            }

            (JoinedFeed? none, RingStatus status) =
                await held.Tree.JoinAsync(held.Rules(), null, another, null, Announce);
            Assert.Null(none);
            Assert.Equal(RingStatus.Io, status);
            held.Tree.Leave(joined);
            Assert.Empty(held.Tree.Feeds);
        }
    }

    [Fact]
    public async Task What_has_little_to_match_is_served_first()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        _ = await held.JoinAsync(held.Rules(include: ["**/a/*", "**/b/*"]));
        _ = await held.JoinAsync(held.Rules(include: ["*.a", "*.b"]));
        _ = await held.JoinAsync(held.Rules());
        Assert.Equal([0, 2, 18], held.Tree.Feeds.Select(feed => feed.Cost));
    }

    [Fact]
    public void A_loop_that_hangs_holds_nobody_up()
    {
        using var begun = new ManualResetEventSlim();
        using var answered = new ManualResetEventSlim();
        using var ended = new ManualResetEventSlim();
        void Hang(ReadOnlySpan<byte> records)
        {
            begun.Set();
            answered.Wait();
        }

        using (var loop = new FeedLoop(1000, Hang, _ => ended.Set()))
        {
            Assert.True(loop.TryPost(new byte[2000]));
            begun.Wait();
            Assert.True(loop.TryPost(new byte[600]));
            Assert.False(loop.TryPost(new byte[600]));
            Assert.True(loop.TryPost(new byte[400]));
        }

        Assert.False(ended.IsSet);
        answered.Set();
        ended.Wait();
    }

    [Fact]
    public void A_loop_that_is_finished_takes_what_waits_first()
    {
        using var begun = new ManualResetEventSlim();
        using var answered = new ManualResetEventSlim();
        using var ended = new ManualResetEventSlim();
        int taken = 0;
        void Take(ReadOnlySpan<byte> records)
        {
            taken += records.Length;
            begun.Set();
            answered.Wait();
        }

        using var loop = new FeedLoop(1000, Take, _ => ended.Set());
        Assert.True(loop.TryPost(new byte[100]));
        begun.Wait();
        Assert.True(loop.TryPost(new byte[200]));
        loop.Finish();
        Assert.False(loop.TryPost(new byte[400]));
        answered.Set();
        ended.Wait();
        Assert.Equal(300, taken);
    }

    [Fact]
    public async Task What_was_told_before_the_end_of_a_tree_comes_to_who_has_files_opened()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        (RingConsumer ring, _) = await held.JoinAsync(held.Rules(), descriptors: OwnUser);
        for (int i = 0; i < 100; i++)
        {
            held.Tell(FileChangeKind.Created, $"{i}");
        }

        held.Take();
        await held.Tree.DisposeAsync();
        var read = new List<string>();
        Eventually.True(
            () =>
            {
                read.AddRange(held.Read(ring));
                return read.Count == 100;
            },
            "all of it");
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"Created {i}"), read);
    }

    [Fact]
    public async Task However_many_join_at_once_there_are_only_so_many_feeds()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        held.Tell(FileChangeKind.Moved, "in/a", "out/a");
        held.Take();
        Task[] joining = [.. Enumerable.Range(0, 140).Select(i => held.JoinAsync(held.Rules(include: [$"*.{i}"])))];
        Assert.Equal(12, joining.Count(task => task.IsFaulted));
        held.Tell(FileChangeKind.Renamed, "in", "out", EntryType.Directory);
        held.Take();
        BusException refused = await Assert.ThrowsAsync<BusException>(() => Task.WhenAll(joining));
        Assert.Equal(BusProblem.TooMany, refused.Problem);
        Assert.Equal(128, held.Tree.Feeds.Length);

        // The place of one that is not used any more is another's.
        held.Tree.Leave((await (Task<(RingConsumer, JoinedFeed Joined)>)joining[0]).Joined);
        _ = await held.JoinAsync(held.Rules(include: ["another"]));
        Assert.Equal(128, held.Tree.Feeds.Length);
    }

    [Fact]
    public async Task A_feed_that_cannot_keep_up_begins_anew()
    {
        await using HeldTree held = await HeldTree.StartAsync(new BusServerOptions { RingBytes = 64 << 10 });
        (_, JoinedFeed joined) = await held.JoinAsync(held.Rules(), descriptors: OwnUser);

        // To look for a file takes longer than to say its name.
        for (int i = 0; i < 100_000; i++)
        {
            held.Tell(FileChangeKind.Created, $"{i:d100}");
        }

        long first = held.Tree.Through;
        while (held.Tree.Feeds.Length > 0)
        {
            long through = held.Tree.Through;
            held.Take();
            Assert.NotEqual(through, held.Tree.Through);
        }

        Assert.True(joined.Feed.IsLost);
        Assert.NotEqual(first, held.Tree.Through);
        while (held.Tree.Through < first + 100_000)
        {
            held.Take();
        }

        (RingConsumer ring, _) = await held.JoinAsync(held.Rules(), descriptors: OwnUser);
        held.Tell(FileChangeKind.Created, "b");
        held.Take();
        Eventually.True(() => held.Read(ring) is ["Created b"], "what comes next");
        held.Tree.Leave(joined);
    }

    private static (uint, uint)? OwnUser => (UnixSocket.OwnUserId, 0);

    private static SieveRules Rules(string[] include, string[] exclude) =>
        new("/tmp"u8.ToArray(), IsWhole: true, FileChangeKinds.All, include, exclude);

    private static void ReadToEnd(HeldTree held, RingConsumer ring)
    {
        for (int i = 0; i < 100; i++)
        {
            _ = held.Read(ring);
        }
    }
}
