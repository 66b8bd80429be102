using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>A server in a process of its own, with its socket in a directory of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly TempTree _directory = TempTree.InMemory();
    private readonly string[] _words;
    private readonly string[] _prefix;

    private ServerProcess(string[] prefix, string[] words)
    {
        _words = words;
        _prefix = prefix;
        Process = Begin();
    }

    internal ChildProcess Process { get; private set; }

    internal string SocketPath => _directory.At("bus.sock");

    internal string Directory => _directory.Path;

    /// <summary>Starts one and waits until it serves.</summary>
    /// <param name="words">NAME=VALUE, as the host has them.</param>
    internal static ServerProcess Start(params string[] words) => new([], words);

    /// <summary>Starts one by another program.</summary>
    internal static ServerProcess StartBy(string[] prefix, params string[] words) => new(prefix, words);

    /// <summary>Kills it, as kill -9 does, and waits until it is gone.</summary>
    internal void Kill()
    {
        Process.Send(Signal.SIGKILL);
        _ = Process.WaitForExit();
        Process.Dispose();
    }

    /// <summary>Tells it something: see the host.</summary>
    internal void Send(string command)
    {
        Process.Input.WriteLine(command);
        Process.Input.Flush();
    }

    /// <summary>Starts it again at the same place.</summary>
    internal void Restart() => Process = Begin();

    /// <summary>Waits for a line of its log.</summary>
    internal string WaitForLog(string text) => Process.Output.WaitForLine(
        line => line.StartsWith("log ", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal),
        $"the server to tell '{text}'");

    /// <summary>How many descriptors it has open.</summary>
    internal int CountDescriptors() => System.IO.Directory.GetFiles($"/proc/{Process.Id}/fd").Length;

    /// <summary>How many threads it has.</summary>
    internal int CountThreads() => System.IO.Directory.GetDirectories($"/proc/{Process.Id}/task").Length;

    /// <summary>How many kernel watches it has.</summary>
    internal int CountWatches() => System.IO.Directory.GetFiles($"/proc/{Process.Id}/fdinfo")
        .Sum(file => ReadLines(file).Count(line => line.StartsWith("inotify wd:", StringComparison.Ordinal)));

    public void Dispose()
    {
        Process.Dispose();
        _directory.Dispose();
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private ChildProcess Begin()
    {
        string[] command = Sibling.Command("Vigil.BusHost");
        string[] all = [.. _prefix, .. command, "serve", SocketPath, .. _words];
        ChildProcess process = ChildProcess.Start(all[0], all[1..]);
        string line = process.Output.WaitForLine(
            text => text == "serving" || text.StartsWith("error ", StringComparison.Ordinal), "the server to serve");
        Assert.Equal("serving", line);
        return process;
    }
}
