using System.Diagnostics;
using System.Globalization;
using Vigil.Platform;

namespace Vigil.Bus.Tests;

/// <summary>Servers that are killed, end, or meet another at their path.</summary>
public sealed class ServerEndTests
{
    [Fact]
    public void Subscribers_notice_a_server_that_is_killed_and_go_on_with_the_next()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path);
        server.Kill();
        _ = subscriber.WaitFor("overflowed ");
        tree.WriteFile("meanwhile");
        int before = CountDescriptors(subscriber);
        server.Restart();
        _ = subscriber.WaitFor("fresh ");
        _ = subscriber.WaitFor("rescanned ");
        Assert.Equal(2, subscriber.Check());

        // What belonged to the last server is gone, and it is found by its path again.
        for (int i = 0; i < 3; i++)
        {
            server.Kill();
            server.Restart();
            tree.WriteFile(string.Create(CultureInfo.InvariantCulture, $"file{i}"));
            _ = subscriber.WaitFor("rescanned ");
            _ = subscriber.Check();
        }

        Assert.InRange(CountDescriptors(subscriber), 1, before + 12);
        Assert.Equal(
            ["bus.sock", "bus.sock.lock"], Directory.GetFiles(server.Directory).Select(Path.GetFileName).Order());
    }

    // A server that has no inotify instance left for the tree: its root is there all the same.
    [Fact]
    public void What_a_limit_refuses_is_not_gone_for_who_comes_back()
    {
        using TempTree tree = new();
        using TempTree other = new();
        string limit = other.At("limit");
        string start = $"[ -e '{limit}' ] || exec \"$@\"; exec unshare -Ur sh -c "
            + "'echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"' sh \"$@\"";
        using ServerProcess server = ServerProcess.StartBy(["sh", "-c", start, "sh"]);
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path);
        server.Kill();
        _ = other.WriteFile("limit");
        server.Restart();
        _ = subscriber.WaitFor("overflowed ");
        _ = server.WaitForLog("EMFILE");
        server.Kill();
        File.Delete(limit);
        server.Restart();
        _ = subscriber.WaitFor("fresh ");
        _ = subscriber.WaitFor("rescanned ");
        tree.WriteFile("file");
        Assert.Equal(2, subscriber.Check());
        Assert.DoesNotContain(subscriber.Lines, line => line.StartsWith("gone", StringComparison.Ordinal));
    }

    // Its connection holds what is left of the tree, and a server on demand would never end.
    [Fact]
    public void Who_stands_still_at_the_end_of_its_tree_is_taken_out_and_told_all_the_same()
    {
        using TempTree tree = new();
        string root = tree.MakeDirectory("root");
        using ServerProcess server = ServerProcess.Start("stall=1000");
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, root);
        _ = subscriber.Check();
        subscriber.Process.Send(Signal.SIGSTOP);
        tree.WriteFile("root/file");
        Directory.Delete(root, recursive: true);
        _ = server.WaitForLog("stays where nothing comes any more");
        subscriber.Process.Send(Signal.SIGCONT);
        _ = subscriber.WaitFor("gone ");
    }

    [Fact]
    public void Only_what_is_not_there_or_can_be_nothing_that_is_watched_is_taken_for_gone()
    {
        Failure[] isGone = [.. Enum.GetValues<Failure>().Where(
            failure => BusServer.ProblemOf(failure) == BusProblem.Unwatchable)];
        Assert.Equal(
            [
                Failure.NotFound, Failure.NotDirectory, Failure.SymlinkLoop, Failure.NameTooLong,
                Failure.NotSupported,
            ],
            isGone);
        Assert.Equal(BusProblem.NotAllowed, BusServer.ProblemOf(Failure.AccessDenied));
        Assert.Equal(BusProblem.TooMany, BusServer.ProblemOf(Failure.TooManyOpen));
        Assert.Equal(BusProblem.TooMany, BusServer.ProblemOf(new IOException("input/output error")));
    }

    // How soon they notice is measured by `bench/compare/run bus`. That they notice without a next server, while the
    // tree is written to, is what is said here.
    [Fact]
    public async Task A_server_that_is_killed_in_a_storm_is_noticed_by_all_and_nothing_of_it_is_left()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        SubscriberProcess[] subscribers =
            [.. Enumerable.Range(0, 4).Select(_ => SubscriberProcess.Start(server, tree.Path))];
        try
        {
            // By then what caught them up is no longer in their memory.
            Assert.All(subscribers, subscriber => Assert.Equal(1, subscriber.Check()));
            string[] shared = [.. subscribers.Select(SharedMemory)];
            Assert.All(shared, maps => Assert.Contains("memfd:vigil", maps, StringComparison.Ordinal));
            using var end = new CancellationTokenSource();
            int written = 0;
            Task storm = Task.Run(() =>
            {
                while (!end.IsCancellationRequested)
                {
                    string file = tree.WriteFile($"file{Interlocked.Increment(ref written) % 500}", "x");
                    File.Move(file, file + ".moved", overwrite: true);
                }
            });
            Eventually.True(() => Volatile.Read(ref written) > 1000, "the storm to have begun");
            server.Kill();
            foreach (SubscriberProcess subscriber in subscribers)
            {
                _ = subscriber.Process.Output.WaitForLine(
                    line => line.StartsWith("overflowed ", StringComparison.Ordinal)
                        && line.Contains("the server is gone", StringComparison.Ordinal),
                    "a subscriber to notice the end of the server");
            }

            Assert.False(storm.IsCompleted);
            server.Restart();
            foreach (SubscriberProcess subscriber in subscribers)
            {
                _ = subscriber.WaitFor("fresh ");
                _ = subscriber.WaitFor("rescanned ");
            }

            await end.CancelAsync();
            await storm;
            Assert.All(subscribers, subscriber => Assert.True(subscriber.Check() > 500));

            // The rings of the first server are in nobody's memory any more.
            Assert.Equal(shared.Select(CountLines), subscribers.Select(SharedMemory).Select(CountLines));
            Assert.Equal(
                ["bus.sock", "bus.sock.lock"],
                Directory.GetFiles(server.Directory).Select(Path.GetFileName).Order());
        }
        finally
        {
            Array.ForEach(subscribers, subscriber => subscriber.Dispose());
        }
    }

    [Fact]
    public void A_server_that_ends_in_order_leaves_no_socket()
    {
        using ServerProcess server = ServerProcess.Start();
        server.Process.Input.Close();
        Assert.Equal(0, server.Process.WaitForExit());
        Assert.Equal(["bus.sock.lock"], Directory.GetFiles(server.Directory).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Of_two_servers_at_one_path_the_second_is_refused_and_the_first_serves_on()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        BusException refused = Assert.Throws<BusException>(
            () => BusServer.Start(new BusServerOptions { SocketPath = server.SocketPath }));
        Assert.Equal(BusProblem.AlreadyServed, refused.Problem);
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        Assert.Equal(server.Process.Id, client.ServerProcessId);
    }

    [Fact]
    public async Task A_server_is_started_where_there_is_none_and_ends_when_nobody_is_left()
    {
        using TempTree tree = new();
        using TempTree sockets = TempTree.InMemory();
        string socket = sockets.At("bus.sock");
        string[] command =
            [.. Watching.Tests.Sibling.Command("Vigil.BusHost"), "serve", socket, "idle=1", "grace=3000"];

        // Its standard input ends at once, and it is to stay: so it is given one that does not.
        const string Start = """mkfifo "$0" && exec 3<> "$0" && exec "$@" <&3 > /dev/null """;
        string[] patient = ["sh", "-c", Start, sockets.At("input"), .. command];
        var options = new BusClientOptions { SocketPath = socket, StartCommand = patient };
        await using BusClient client = await BusClient.ConnectAsync(options);
        int process = client.ServerProcessId;
        _ = await client.ClockAsync(tree.Path);
        Assert.Equal("dotnet", Process.GetProcessById(process).ProcessName);
        Eventually.True(() => !File.Exists(socket), "the server to end");
    }

    private static string SharedMemory(SubscriberProcess subscriber) => string.Join('\n', File
        .ReadLines($"/proc/{subscriber.Process.Id}/maps")
        .Where(line => line.Contains("memfd:vigil", StringComparison.Ordinal)));

    private static int CountLines(string text) => text.Split('\n').Length;

    private static int CountDescriptors(SubscriberProcess subscriber) =>
        Directory.GetFiles($"/proc/{subscriber.Process.Id}/fd").Length;
}
