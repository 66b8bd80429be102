using System.Globalization;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>What a subscriber in another process learns of a tree.</summary>
public sealed class SubscribeTests
{
    [Fact]
    public void A_subscriber_in_another_process_holds_the_tree()
    {
        using TempTree tree = new();
        tree.WriteFile("a/b/c.txt", "c");
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path);
        Assert.Equal(4, subscriber.Check());

        tree.WriteFile("a/d/e.txt", "e");
        Directory.Move(tree.At("a/b"), tree.At("a/d/b"));
        File.Delete(tree.At("a/d/e.txt"));
        Assert.Equal(5, subscriber.Check());
    }

    [Fact]
    public void Changes_come_with_positions_from_which_another_goes_on()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess first = SubscriberProcess.Start(server, tree.Path, "initial=no");
        tree.WriteFile("seen-1");
        _ = first.Ask("sync", "synced");
        string position = first.Ask("position", "position ").Split(' ')[1];

        tree.WriteFile("seen-2");
        using SubscriberProcess second =
            SubscriberProcess.Start(server, tree.Path, "initial=no", $"since={position}");
        _ = second.WaitFor($"seen created {tree.At("seen-2")}");
        tree.WriteFile("seen-3");
        _ = second.WaitFor($"seen created {tree.At("seen-3")}");
        Assert.DoesNotContain(second.Lines, line => line.Contains("seen-1", StringComparison.Ordinal));
        Assert.DoesNotContain(second.Lines, line => line.StartsWith("fresh", StringComparison.Ordinal));
        Assert.Single(second.Lines, line => line == $"seen created {tree.At("seen-2")}");
    }

    [Fact]
    public void A_position_that_is_not_kept_is_answered_by_all_that_is_there()
    {
        using TempTree tree = new();
        tree.WriteFile("seen-1");
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber =
            SubscriberProcess.Start(server, tree.Path, "initial=no", "since=0123456789abcdef:17");
        _ = subscriber.WaitFor("fresh ");
        _ = subscriber.WaitFor($"seen created {tree.At("seen-1")}");
        _ = subscriber.WaitFor("rescanned ");
        Assert.Equal(2, subscriber.Check());
    }

    [Fact]
    public void What_is_no_longer_in_a_small_history_is_answered_by_all_that_is_there()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start("history=65536");
        using SubscriberProcess first = SubscriberProcess.Start(server, tree.Path);
        _ = first.Check();
        string position = first.Ask("position", "position ").Split(' ')[1];
        for (int i = 0; i < 1000; i++)
        {
            tree.WriteFile(string.Create(CultureInfo.InvariantCulture, $"file{i}"));
        }

        Assert.Equal(1001, first.Check());
        using SubscriberProcess second = SubscriberProcess.Start(server, tree.Path, $"since={position}");
        _ = second.WaitFor("fresh ");
        Assert.Equal(1001, second.Check());
    }

    [Fact]
    public void A_root_inside_a_tree_is_told_alone_whatever_moves_into_it_and_out()
    {
        using TempTree tree = new();
        tree.WriteFile("in/kept/a", "a");
        tree.WriteFile("out/b/c/d", "d");
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess whole = SubscriberProcess.Start(server, tree.Path);
        using SubscriberProcess inner = SubscriberProcess.Start(server, tree.At("in"));
        Assert.Equal(3, inner.Check());
        int watches = server.CountWatches();

        Directory.Move(tree.At("out/b"), tree.At("in/b"));
        Assert.Equal(6, inner.Check());
        Directory.Move(tree.At("in/b/c"), tree.At("in/kept/c"));
        Assert.Equal(6, inner.Check());
        Directory.Move(tree.At("in/kept"), tree.At("out/kept"));
        Assert.Equal(2, inner.Check());
        File.WriteAllText(tree.At("out/x"), "x");
        File.WriteAllText(tree.At("in/x"), "old");
        File.Move(tree.At("out/x"), tree.At("in/x"), overwrite: true);
        Assert.Equal(3, inner.Check());
        _ = whole.Check();

        // The same directories, and the ways to two roots.
        Assert.InRange(server.CountWatches(), 1, watches + 2);
        Directory.Move(tree.At("in"), tree.At("elsewhere"));
        _ = inner.WaitFor("gone ");
        _ = inner.WaitFor("ended");
        _ = whole.Check();
    }

    [Fact]
    public void Globs_let_through_what_they_match_through_renames_too()
    {
        using TempTree tree = new();
        tree.WriteFile("a/seen-1.txt");
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber =
            SubscriberProcess.Start(server, tree.Path, "initial=no", "include=*.txt", "ignore=tmp/");
        tree.WriteFile("seen-2.dat");
        tree.WriteFile("tmp/seen-3.txt");
        File.Move(tree.At("seen-2.dat"), tree.At("seen-2.txt"));
        _ = subscriber.WaitFor($"seen created {tree.At("seen-2.txt")}");
        File.Move(tree.At("tmp/seen-3.txt"), tree.At("seen-3.txt"));
        _ = subscriber.WaitFor($"seen created {tree.At("seen-3.txt")}");
        Directory.Move(tree.At("a"), tree.At("b"));
        _ = subscriber.WaitFor($"seen renamed {tree.At("b/seen-1.txt")}");
        Directory.Move(tree.At("b"), tree.At("tmp/b"));
        _ = subscriber.WaitFor($"seen deleted {tree.At("b/seen-1.txt")}");
        Assert.DoesNotContain(subscriber.Lines, line => line.Contains("/tmp/seen", StringComparison.Ordinal));
        Assert.DoesNotContain(subscriber.Lines, line => line.Contains(".dat", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_root_through_a_symbolic_link_is_told_by_the_name_that_was_given()
    {
        using TempTree tree = new();
        tree.MakeDirectory("real");
        Directory.CreateSymbolicLink(tree.At("link"), tree.At("real"));
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.At("link"), "initial=no");
        tree.WriteFile("real/seen");
        _ = subscriber.WaitFor($"seen created {tree.At("link/seen")}");

        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        BusStatus status = await client.StatusAsync();
        Assert.Equal(tree.At("real"), Assert.Single(status.Trees).Root);
    }

    [Fact]
    public async Task Clock_and_since_answer_once()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        ChangePosition clock = await client.ClockAsync(tree.Path);
        tree.WriteFile("a");
        tree.WriteFile("b");
        File.Delete(tree.At("a"));
        List<FileChange> changes = await client.SinceAsync(tree.Path, clock).ToListAsync();
        Assert.Equal(
            ["Created a", "Created b", "Deleted a"],
            changes.Where(c => c.Kind is FileChangeKind.Created or FileChangeKind.Deleted)
                .Select(c => $"{c.Kind} {Path.GetFileName(c.Path)}"));
        Assert.Equal(FileChangeKind.Rescanned, changes[^1].Kind);
        Assert.Equal(await client.ClockAsync(tree.Path), changes[^1].Position);
        List<FileChange> nothing = await client.SinceAsync(tree.Path, changes[^1].Position).ToListAsync();
        Assert.Equal(FileChangeKind.Rescanned, Assert.Single(nothing).Kind);
    }

    [Fact]
    public void Roots_that_overlap_share_the_watches_of_the_kernel()
    {
        using TempTree tree = new();
        string inner = tree.MakeDirectory("inner");
        for (int i = 0; i < 100; i++)
        {
            _ = tree.MakeDirectory($"inner/d{i}");
        }

        using ServerProcess server = ServerProcess.Start("grace=200");
        using SubscriberProcess first = SubscriberProcess.Start(server, inner);
        int alone = server.CountWatches();
        Assert.True(alone >= 101, $"{alone} watches");
        using (SubscriberProcess second = SubscriberProcess.Start(server, tree.Path))
        {
            Assert.InRange(server.CountWatches(), alone, alone + 1);
            tree.WriteFile("inner/d7/file", "x");
            Assert.Equal(102, first.Check());
            Assert.Equal(103, second.Check());
        }

        // What the other still needs stays.
        _ = server.WaitForLog("no longer watching");
        Eventually.True(() => server.CountWatches() == alone, "the watches of the outer root to be given back");
        tree.WriteFile("inner/d8/file", "x");
        Assert.Equal(103, first.Check());
    }

    [Fact]
    public void Trees_are_freed_after_a_while_and_found_again_before()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start("grace=10000");
        SubscriberProcess first = SubscriberProcess.Start(server, tree.Path);
        _ = first.Check();
        string position = first.Ask("position", "position ").Split(' ')[1];
        first.Kill();
        using (SubscriberProcess second = SubscriberProcess.Start(server, tree.Path, $"since={position}"))
        {
            _ = second.Ask("sync", "synced");
            Assert.DoesNotContain(second.Lines, line => line.StartsWith("fresh", StringComparison.Ordinal));
        }

        _ = server.WaitForLog("no longer watching");
        Eventually.True(() => server.CountWatches() == 0, "the watches to be given back");
    }

    [Fact]
    public async Task A_client_without_a_server_watches_by_itself_if_it_may()
    {
        using TempTree tree = new();
        using TempTree sockets = TempTree.InMemory();
        tree.WriteFile("there");
        BusException refused = await Assert.ThrowsAsync<BusException>(
            () => BusClient.ConnectAsync(new BusClientOptions { SocketPath = sockets.At("none.sock") }));
        Assert.Equal(BusProblem.NoServer, refused.Problem);
        using SubscriberProcess subscriber =
            SubscriberProcess.Begin(sockets.At("none.sock"), tree.Path, "local=yes");
        _ = subscriber.WaitFor("ready");
        tree.WriteFile("seen");
        _ = subscriber.WaitFor("seen created");
        Assert.Equal(3, subscriber.Check());
    }
}
