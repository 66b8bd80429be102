using Vigil.Bus.Trees;
using Vigil.Watching;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>A rename of a directory with very many entries is one change, and harms nobody.</summary>
public sealed class RenameCostTests
{
    private const int Many = 5000;

    [Fact]
    public async Task It_makes_nothing_else_go_from_the_history()
    {
        await using HeldTree held = await HeldTree.StartAsync(
            new BusServerOptions { RingBytes = 64 << 10, HistoryBytes = 64 << 10 });
        long before = held.Tree.Through;
        held.Tell(FileChangeKind.Created, "first");
        held.Take();
        TellRename(held, "from", "to", Many);
        held.Tell(FileChangeKind.Created, "last");
        held.Take();

        // Who sees both ends has the rename; so has who asks for a place that it does not touch.
        string[] all = ["Created first", "Renamed to", "Created last"];
        Assert.Equal(all, Since(held, held.Rules(), before)!);
        Assert.Equal(["Created elsewhere/x"], Since(held, held.RulesBelow("elsewhere"), TellElsewhere(held))!);

        // Who would have to be told of each entry has to begin anew; and then goes on.
        Assert.Null(Since(held, held.RulesBelow("to"), before));
        Assert.Null(Since(held, held.Rules(exclude: ["from/"]), before));
        long after = held.Tree.Through;
        TellRename(held, "small", "from/small", 3);
        string[] few = ["Deleted small/2", "Deleted small/1", "Deleted small/0", "Deleted small"];
        Assert.Equal(few.Order(), Since(held, held.Rules(exclude: ["from/"]), after)!.Order());
    }

    [Fact]
    public async Task A_place_that_it_does_not_touch_keeps_its_history()
    {
        await using HeldTree held = await HeldTree.StartAsync(
            new BusServerOptions { RingBytes = 64 << 10, HistoryBytes = 64 << 10 });
        long before = TellElsewhere(held);
        TellRename(held, "from", "to", Many);
        Assert.Equal(["Created elsewhere/x"], Since(held, held.RulesBelow("elsewhere"), before)!);

        // Within one directory nothing has to be told of each entry, either.
        TellRename(held, "elsewhere/a", "elsewhere/b", Many);
        Assert.Equal(
            ["Created elsewhere/x", "Renamed elsewhere/b"], Since(held, held.RulesBelow("elsewhere"), before)!);
    }

    [Fact]
    public void Who_reads_is_waited_for()
    {
        using TempTree tree = new();
        for (int i = 0; i < Many; i++)
        {
            _ = tree.WriteFile($"out/big/file-with-a-name-of-some-length-{i}");
        }

        _ = tree.MakeDirectory("in");
        using ServerProcess server = ServerProcess.Start("ring=65536", "patience=30000");
        using SubscriberProcess whole = SubscriberProcess.Start(server, tree.Path);
        using SubscriberProcess inner = SubscriberProcess.Start(server, tree.At("in"));
        using SubscriberProcess some = SubscriberProcess.Start(server, tree.Path, "ignore=out/");
        Directory.Move(tree.At("out/big"), tree.At("in/big"));
        Assert.Equal(Many + 2, inner.Check());
        Directory.Move(tree.At("in/big"), tree.At("out/big"));
        Assert.Equal(1, inner.Check());
        _ = whole.Check();
        foreach (SubscriberProcess subscriber in (SubscriberProcess[])[inner, whole, some])
        {
            _ = subscriber.Ask("sync", "synced");
            Assert.DoesNotContain(
                subscriber.Lines, line => line.StartsWith("overflowed", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Who_does_not_read_comes_back_once_and_holds_the_tree()
    {
        using TempTree tree = new();
        for (int i = 0; i < Many; i++)
        {
            _ = tree.WriteFile($"out/big/file-with-a-name-of-some-length-{i}");
        }

        _ = tree.MakeDirectory("in");
        using ServerProcess server = ServerProcess.Start("ring=65536", "patience=100", "history=65536");
        using SubscriberProcess whole = SubscriberProcess.Start(server, tree.Path);
        using SubscriberProcess inner = SubscriberProcess.Start(server, tree.At("in"));
        using SubscriberProcess stopped = SubscriberProcess.Start(server, tree.At("in"));
        stopped.Process.Send(Signal.SIGSTOP);
        Directory.Move(tree.At("out/big"), tree.At("in/big"));
        _ = inner.Check();
        stopped.Process.Send(Signal.SIGCONT);
        Assert.Equal(Many + 2, stopped.Check());
        Assert.Single(stopped.Lines, line => line.StartsWith("overflowed", StringComparison.Ordinal));
    }

    private static long TellElsewhere(HeldTree held)
    {
        long before = held.Tree.Through;
        held.Tell(FileChangeKind.Created, "elsewhere/x");
        held.Take();
        return before;
    }

    private static void TellRename(HeldTree held, string from, string to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            held.Tell(FileChangeKind.Moved, $"{to}/{i}", $"{from}/{i}");
        }

        held.Tell(FileChangeKind.Renamed, to, from, EntryType.Directory);
        while (held.Tree.Through < held.Number)
        {
            held.Take();
        }
    }

    private static string[]? Since(HeldTree held, Records.SieveRules rules, long after)
    {
        HistoryCopy? history = held.Tree.TryCopyHistory(after, rules, out long through);
        Assert.NotNull(history);
        using CatchUp? catchUp =
            CatchUp.FromHistory(history, rules, after, through, CancellationToken.None);
        if (catchUp is null)
        {
            return null;
        }

        using var records = new Client.SharedRecords(catchUp.Records, catchUp.LengthBytes);
        var texts = new List<string>();
        while (records.TryRead(out Records.ChangeRecord record))
        {
            texts.Add(held.Describe(record));
        }

        return [.. texts];
    }
}
