using Vigil.Watching;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>Files that come open with their changes are exactly those files, for reading, and nothing else.</summary>
public sealed class DescriptorTests
{
    [Fact]
    public void A_closed_file_comes_open_for_reading_alone()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        string path = tree.WriteFile("a", "text");
        Assert.Equal($"file closed {path} no text", subscriber.WaitFor("file closed"));
    }

    [Fact]
    public void Each_of_those_who_share_a_ring_reads_the_file_from_its_beginning()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess one = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        using SubscriberProcess other = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        string path = tree.WriteFile("a", "text");
        Assert.Equal($"file closed {path} no text", one.WaitFor("file closed"));
        Assert.Equal($"file closed {path} no text", other.WaitFor("file closed"));
    }

    [Fact]
    public void What_is_no_regular_file_is_never_opened()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        ChildProcess.Shell("mkfifo seen-fifo; ln -s /etc/passwd seen-link; mkdir seen-directory", tree.Path);
        tree.WriteFile("last", "last");
        _ = subscriber.WaitFor("file closed");
        Assert.Equal(
            ["seen-directory", "seen-fifo", "seen-link"],
            subscriber.Lines.Where(line => line.StartsWith("seen created ", StringComparison.Ordinal))
                .Select(line => Path.GetFileName(line)).Order());
        Assert.DoesNotContain(
            subscriber.Lines, line => line.Contains("/seen-", StringComparison.Ordinal)
                && !line.StartsWith("seen ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_whose_name_leads_to_another_by_now_does_not_come() => Seed.Run(random =>
    {
        using TempTree tree = new();
        using TempTree outside = new();
        string secret = outside.WriteFile("secret", "secret");
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        for (int i = 0; i < 200; i++)
        {
            string directory = tree.MakeDirectory($"d{i}");
            string path = tree.WriteFile($"d{i}/file", "mine");
            switch (random.Next(4))
            {
                case 0:
                    File.Delete(path);
                    File.CreateSymbolicLink(path, secret);
                    break;
                case 1:
                    File.Move(path, path + ".old");
                    File.WriteAllText(path, "other");
                    break;
                case 2:
                    Directory.Move(directory, directory + ".old");
                    Directory.CreateSymbolicLink(directory, outside.Path);
                    break;
                default:
                    break;
            }
        }

        _ = subscriber.Ask("sync", "synced");
        string[] files = [.. subscriber.Lines.Where(line => line.StartsWith("file ", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Assert.All(files, line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
    });

    [Fact]
    public async Task What_history_tells_comes_without_a_file_and_says_so()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        await using BusClient client =
            await BusClient.ConnectAsync(new BusClientOptions { SocketPath = server.SocketPath });
        ChangePosition position = await client.ClockAsync(tree.Path);
        string path = tree.WriteFile("a", "text");
        _ = await client.ClockAsync(tree.Path);
        using SubscriberProcess subscriber = SubscriberProcess.Begin(
            server.SocketPath, tree.Path, "fds=yes", "initial=no", $"since={position}");
        Assert.Equal($"without created TimedOut {path}", subscriber.WaitFor("without"));
        Assert.Equal($"without closed TimedOut {path}", subscriber.WaitFor("without"));
        path = tree.WriteFile("b", "text");
        Assert.Equal($"file closed {path} no text", subscriber.WaitFor("file closed"));
    }

    [Fact]
    public void What_is_moved_into_sight_comes_open()
    {
        using TempTree tree = new();
        using TempTree outside = new();
        string inside = tree.MakeDirectory("inside");
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess whole = SubscriberProcess.Start(server, tree.Path);
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, inside, "fds=yes", "initial=no");

        // Out of nowhere, from elsewhere in the tree, and within a directory that moves.
        File.Move(outside.WriteFile("a", "a of nowhere"), tree.At("inside/a"));
        Assert.Equal($"file created {tree.At("inside/a")} no a of nowhere", subscriber.WaitFor("file"));
        string elsewhere = tree.WriteFile("b", "b of elsewhere");
        tree.WriteFile("d/c", "c within");

        // What is renamed before the watcher has looked at it comes without.
        _ = whole.Ask("sync", "synced");
        File.Move(elsewhere, tree.At("inside/b"));
        Assert.Equal($"file created {tree.At("inside/b")} no b of elsewhere", subscriber.WaitFor("file"));
        Directory.Move(tree.At("d"), tree.At("inside/d"));
        Assert.Equal($"file created {tree.At("inside/d/c")} no c within", subscriber.WaitFor("file"));
    }

    [Fact]
    public void Descriptors_do_not_pile_up_in_the_server()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start();
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        tree.WriteFile("first", "x");
        _ = subscriber.WaitFor("file closed");
        int before = server.CountDescriptors();
        for (int i = 0; i < 500; i++)
        {
            tree.WriteFile($"file{i}", "x");
        }

        _ = subscriber.Ask("sync", "synced");
        Eventually.True(() => server.CountDescriptors() <= before, "the descriptors to be closed");
    }

    [Fact]
    public void A_burst_comes_open_where_the_reader_goes_on_in_time()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start("patience=30000");
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        using SubscriberProcess another = SubscriberProcess.Start(server, tree.Path);
        subscriber.Process.Send(Signal.SIGSTOP);
        WriteBurst(tree);
        _ = another.Check();
        subscriber.Process.Send(Signal.SIGCONT);
        _ = subscriber.Ask("sync", "synced", TimeSpan.FromSeconds(60));
        (int open, int without) = ExpectBurst(tree, subscriber);
        Assert.Equal(0, without);
        Assert.Equal(2 * Burst, open);
    }

    [Fact]
    public void Of_a_burst_what_a_reader_does_not_receive_in_time_comes_without_and_says_so()
    {
        using TempTree tree = new();
        using ServerProcess server = ServerProcess.Start("patience=100");
        using SubscriberProcess subscriber = SubscriberProcess.Start(server, tree.Path, "fds=yes", "initial=no");
        using SubscriberProcess another = SubscriberProcess.Start(server, tree.Path);
        subscriber.Process.Send(Signal.SIGSTOP);
        WriteBurst(tree);

        // Nobody else waits for it.
        _ = another.Check();
        subscriber.Process.Send(Signal.SIGCONT);
        _ = subscriber.Ask("sync", "synced", TimeSpan.FromSeconds(60));
        (int open, int without) = ExpectBurst(tree, subscriber);
        Assert.Equal(2 * Burst, open + without);
        Assert.NotEqual(0, open);
        Assert.DoesNotContain(
            subscriber.Lines, line => line.StartsWith("overflowed", StringComparison.Ordinal));
    }

    private const int Burst = 800;

    private static void WriteBurst(TempTree tree)
    {
        for (int i = 0; i < Burst; i++)
        {
            _ = tree.WriteFile($"file{i}", $"the text of {i}");
        }
    }

    // Each is told twice, as created and as closed, with exactly that file or without one.
    private static (int Open, int Without) ExpectBurst(TempTree tree, SubscriberProcess subscriber)
    {
        string[] lines =
        [
            .. subscriber.Lines.Where(line => line.StartsWith("file ", StringComparison.Ordinal)
                || line.StartsWith("without ", StringComparison.Ordinal)),
        ];
        for (int i = 0; i < Burst; i++)
        {
            string path = tree.At($"file{i}");
            foreach (string kind in (string[])["created", "closed"])
            {
                string line = Assert.Single(lines, line => line == $"without {kind} TooManyOpen {path}"
                    || line.StartsWith($"file {kind} {path} no", StringComparison.Ordinal));
                string text = line.Split(" no", 2) is [_, var rest] && line[0] == 'f' ? rest.Trim() : "";

                // As it is created it may not have its text yet.
                Assert.True(text is "" || text == $"the text of {i}", line);
                Assert.True(line[0] == 'w' || kind == "created" || text.Length > 0, line);
            }
        }

        int open = lines.Count(line => line[0] == 'f');
        return (open, lines.Length - open);
    }
}
