using System.Diagnostics;
using System.Net.Sockets;
using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>Nothing of a command is left: not of one that is restarted, and nothing at all in the end.</summary>
public sealed class StopTests : IDisposable
{
    // A process that ignores TERM, a child of it, one that left the group and the session, and one that did so twice,
    // so that its parent has ended: all of them with the token in their command line.
    private const string Stubborn = "trap '' TERM INT HUP; "
        + "hold() { sh -c 'trap \"\" TERM INT HUP; while :; do sleep 0.02; done' \"$TOKEN\"; }; "
        + "hold & setsid sh -c 'trap \"\" TERM INT HUP; while :; do sleep 0.02; done' \"$TOKEN\" & "
        + "(setsid sh -c '(sh -c \"trap \\\"\\\" TERM INT; while :; do sleep 0.02; done\" '\"$TOKEN\"' &)' &) ; "
        + "echo run >> \"$LOG\"; while :; do sleep 0.02; done";

    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_restart_kills_a_tree_of_children_that_ignore_the_signal()
    {
        using ChildProcess run = _project.StartShell(Stubborn, "-r", "--kill-after", "100ms");
        WaitForThree();
        HashSet<string> first = [.. _project.Living()];
        _project.Write("a");
        _project.WaitForRuns(2);
        Eventually.True(
            () => _project.Living() is { Count: >= 3 } now && !now.Exists(first.Contains), "another tree alone");
        _project.End(run);
    }

    [Fact]
    public void A_stop_signal_of_ones_own_is_sent_and_the_grace_is_kept()
    {
        const string Script = "trap 'echo int >> $LOG; exit' INT; trap 'echo term >> $LOG' TERM; : > ../runs; "
            + "while :; do sleep 0.01; done";
        using ChildProcess run = _project.StartShell(Script, "--stop-signal", "SIGINT", "--delayToKill", "20000");
        Eventually.True(() => File.Exists(_project.Beside("runs")), "the command to run");
        _project.End(run);
        Assert.Equal(["int"], _project.Log);
    }

    [Theory]
    [InlineData("SIGINT", 0)]
    [InlineData("SIGTERM", 0)]
    [InlineData("SIGHUP", 0)]
    [InlineData("SIGQUIT", 0)]
    public void Nothing_survives_a_signal(string name, int status)
    {
        using ChildProcess run = _project.StartShell(Stubborn, "--kill-after", "50ms");
        WaitForThree();
        run.Send(Enum.Parse<Signal>(name));
        Assert.Equal(status, run.WaitForExit());
        Assert.Empty(_project.Living());
    }

    [Fact]
    public void A_second_signal_kills_at_once()
    {
        using ChildProcess run = _project.StartShell(Stubborn, "--kill-after", "1h");
        WaitForThree();
        run.Send(Signal.SIGINT);

        // Sent only when the first was taken: two of one kind that wait are one.
        Eventually.True(() => !ProcessState.HasPending(run.Id, Signal.SIGINT), "the first signal to be taken");
        Eventually.True(
            () =>
            {
                run.Send(Signal.SIGINT);
                return run.HasExited;
            },
            "the end");
        Assert.Empty(_project.Living());
    }

    [Fact]
    public void Nothing_survives_Ctrl_C_at_any_moment() => Seed.RunMany(25, random =>
    {
        double moment = random.NextDouble() * 60;
        using ChildProcess terminal = _project.StartOnTerminal(
            $"--kill-after 20ms --settle 5ms -r --shell -- '{Stubborn.Replace("'", "'\\''")}'");
        Stopwatch watch = Stopwatch.StartNew();
        Eventually.True(
            () =>
            {
                _project.Write("f", $"{watch.Elapsed}");
                return watch.Elapsed.TotalMilliseconds >= moment && terminal.Screen().Contains("vigil: ");
            },
            "the moment");
        terminal.Input.Write(Terminal.ControlC);
        terminal.Input.Flush();
        Assert.Equal(0, terminal.WaitForExit());
        Assert.Empty(_project.Living());
    });

    [Fact]
    public void A_web_server_is_restarted_and_frees_its_port()
    {
        int port = FreePort();
        _project.Write("index.html", "first");
        using ChildProcess run = _project.Start("-r", "-q", "--", "python3", "-m", "http.server", $"{port}");
        Eventually.True(() => Get(port) == "first", "the server to answer");
        for (int i = 0; i < 3; i++)
        {
            string before = ServerId(port);
            _project.Write("index.html", $"page {i}");
            Eventually.True(() => Get(port) == $"page {i}" && ServerId(port) != before, "the new server to answer");
        }

        Assert.DoesNotContain(run.Errors.Lines, static line => line.Contains("Address already in use"));
        _project.End(run);
        Assert.Null(Get(port));
    }

    private static int FreePort()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Get(int port)
    {
        try
        {
            using HttpClient client = new();
            return client.GetStringAsync($"http://127.0.0.1:{port}/index.html").GetAwaiter().GetResult();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string ServerId(int port) => string.Join(',', Directory.EnumerateDirectories("/proc")
        .Where(directory => int.TryParse(Path.GetFileName(directory), out _)
            && CommandLine(directory).Contains($"http.server {port}") && !CommandLine(directory).Contains(" run ")));

    private static string CommandLine(string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private void WaitForThree() =>
        Eventually.True(() => _project.Living().Count >= 3, $"the tree, which has {_project.Living().Count}");
}
