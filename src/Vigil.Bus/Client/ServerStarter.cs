using System.Collections;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Client;

/// <summary>Starts a server for a client that found none. Thread-safe.</summary>
/// <remarks>
/// The client may be in any program (libinotify.so), so the runtime's own Process is not used: it would install
/// handlers of SIGCHLD and others in that program for good. A shell starts the server and ends, so the server is
/// nobody's child: it leaves no zombie to a program that does not expect one.
/// </remarks>
internal static class ServerStarter
{
    private const string Shell = "/bin/sh";
    private const string Script = "command -v \"$1\" > /dev/null || exit 127; \"$@\" &";
    private const string NoInput = "/dev/null";
    private const int NotFound = 127;

    /// <summary>Starts one, and does not wait until it serves.</summary>
    /// <param name="command">The program, which PATH resolves where it has no slash, and its arguments.</param>
    /// <param name="socketPath">Where its socket is to be; told by <see cref="BusSocket.Variable"/>.</param>
    /// <exception cref="BusException">There is no such program (NoServer).</exception>
    internal static void Start(IReadOnlyList<string> command, string socketPath)
    {
        // Who finds the default path by itself also looks whether its directory is this user's alone.
        bool isDefault = socketPath == BusSocket.DefaultPath;
        List<byte[]> environment = isDefault ? [] : [PathText.ToBytes($"{BusSocket.Variable}={socketPath}")];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (isDefault || variable.Key is not BusSocket.Variable)
            {
                environment.Add(PathText.ToBytes($"{variable.Key}={variable.Value}"));
            }
        }

        int shell = ProcessSpawn.TryStart(
            [Shell, "-c", Script, Shell, .. command], environment, NoInput, out int errno);
        string? problem = shell == 0 ? ProcessSpawn.Describe(errno)
            : ChildProcesses.WaitForExit(shell) == NotFound ? "there is no such program"
            : null;
        if (problem is not null)
        {
            throw new BusException(BusProblem.NoServer, $"no server can be started by {command[0]}: {problem}");
        }
    }
}
