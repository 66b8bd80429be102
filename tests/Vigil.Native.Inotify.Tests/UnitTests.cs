namespace Vigil.Native.Inotify.Tests;

/// <summary>The unit of the server for systemd: that it is read, and that what it starts, serves.</summary>
public sealed class UnitTests : IDisposable
{
    // What systemd.unit(5), systemd.service(5) and systemd.exec(5) have of it.
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["Unit"] = ["Description", "Documentation", "StartLimitIntervalSec"],
        ["Service"] = ["ExecStart", "Restart", "RestartSec", "NoNewPrivileges"],
        ["Install"] = ["WantedBy"],
    };

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("usual")]
    [InlineData("our own %i $HOME")]
    public void It_is_read_as_it_is_meant_wherever_it_is_installed(string directory)
    {
        string unit = Install(directory, out string prefix);
        string section = "";
        foreach (string line in File.ReadLines(unit).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == '[')
            {
                section = line.Trim('[', ']');
                continue;
            }

            Assert.Contains(line[..line.IndexOf('=', StringComparison.Ordinal)], Known[section]);
        }

        Assert.Equal([$"{prefix}/bin/vigil", "serve"], Words(unit));
        if (ChildProcess.Shell("command -v systemd-analyze || true").Count == 0)
        {
            return;
        }

        using ChildProcess verify = ChildProcess.Start(
            "systemd-analyze",
            ["--user", "--man=no", "verify", unit],
            workingDirectory: null,
            new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = _tree.MakeDirectory("runtime") });
        Assert.True(verify.WaitForExit() == 0, string.Join('\n', verify.Errors.Lines));
        Assert.DoesNotContain(verify.Errors.Lines, line => line.Contains("vigil", StringComparison.Ordinal));
    }

    // As a manager of user services starts it: with little in the environment, no input, and no new privileges.
    [Fact]
    public void What_it_starts_serves_at_the_usual_place_and_stops_in_order()
    {
        string[] command = Words(Install("usual", out _));
        string runtime = _tree.MakeDirectory("runtime");
        ChildProcess.Shell($"chmod 700 '{runtime}'");
        string[] clean = ["-i", $"HOME={_tree.Path}", "PATH=/usr/bin:/bin", $"XDG_RUNTIME_DIR={runtime}"];
        using ChildProcess server = ChildProcess.Start("setpriv", ["--no-new-privs", "env", .. clean, .. command]);
        server.Input.Close();
        _ = server.Errors.WaitForLine(
            line => line.Contains($"serving at {runtime}/vigil/bus.sock", StringComparison.Ordinal), "the server");
        using ChildProcess status = ChildProcess.Start("env", [.. clean, command[0], "status", "--json"]);
        Assert.Equal(0, status.WaitForExit());
        Assert.Contains($"\"processId\":{server.Id}", status.Output.Lines[0]);
        server.Send(Signal.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.False(File.Exists(Path.Combine(runtime, "vigil/bus.sock")), "the socket is gone");
    }

    // ExecStart as systemd takes it apart.
    private static string[] Words(string unit)
    {
        const string key = "ExecStart=";
        string line = File.ReadLines(unit).Single(text => text.StartsWith(key, StringComparison.Ordinal))[key.Length..];
        int end = line.LastIndexOf('"');
        string program = line[1..end].Replace("%%", "%");
        return [program, .. line[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    }

    private string Install(string directory, out string prefix)
    {
        prefix = _tree.MakeDirectory(directory);
        _ = Installed.Run(RepositoryRoot.Combine("install"), ["--prefix", prefix]);
        return Path.Combine(prefix, "lib/systemd/user/vigil.service");
    }
}
