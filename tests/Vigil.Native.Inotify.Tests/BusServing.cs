namespace Vigil.Native.Inotify.Tests;

/// <summary>The published <c>vigil serve</c>, with its socket in a directory of its own.</summary>
internal sealed class BusServing : IDisposable
{
    private static readonly string Program = Path.Combine(Installed.Prefix, "bin", "vigil");

    private readonly TempTree _directory = TempTree.InMemory();
    private readonly string _allowed;
    private ChildProcess _process;

    private BusServing(string allowed)
    {
        _allowed = allowed;
        _process = Begin();
    }

    /// <summary>What a program needs to find the libraries, this server, and the command that serves.</summary>
    internal IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>(Installed.Environment)
    {
        ["VIGIL_SOCKET"] = _directory.At("bus.sock"),
        ["VIGIL_PROGRAM"] = Program,
    };

    /// <summary>Starts one and waits until it serves.</summary>
    /// <param name="allowed">The one directory that it watches.</param>
    internal static BusServing Start(string allowed) => new(allowed);

    /// <summary>Starts a program that subscribes.</summary>
    internal ChildProcess StartClient(params string[] command) =>
        ChildProcess.Start(command[0], command[1..], workingDirectory: null, Environment);

    /// <summary>Kills it, as kill -9 does, and waits until it is gone.</summary>
    internal void Kill()
    {
        _process.Send(Signal.SIGKILL);
        _ = _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Starts it again at the same place.</summary>
    internal void Restart() => _process = Begin();

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }

    private ChildProcess Begin()
    {
        ChildProcess process = StartClient(Program, "serve", "--allow", _allowed);
        _ = process.Errors.WaitForLine(
            line => line.Contains("serving at", StringComparison.Ordinal), "the server to serve");
        return process;
    }
}
