using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vigil.Testing;

/// <summary>
/// A program that a test runs: its output is read line by line while it runs, it can be sent signals, and nothing of
/// it is left after <see cref="Dispose"/>. Safe from any thread, except that one thread at a time waits for the lines
/// of a stream.
/// </summary>
/// <example>
/// <code>
/// using ChildProcess watch = PublishedBinary.Start("watch", "--json", tree.Path);
/// watch.Output.WaitForLine(line => line.Contains("ready"), "the watcher to be ready");
/// watch.Send(Signal.SIGINT);
/// Assert.Equal(0, watch.WaitForExit());
/// </code>
/// </example>
public sealed class ChildProcess : IDisposable
{
    // The session that setsid(1) makes holds what the program starts, also what outlives the program.
    private const string NewSession = "setsid";

    private readonly Process _process;
    private bool _disposed;

    private ChildProcess(Process process, string name)
    {
        _process = process;
        Name = name;
        Id = process.Id;
        Output = new OutputLines($"standard output of {name}", process.StandardOutput.BaseStream);
        Errors = new OutputLines($"standard error of {name}", process.StandardError.BaseStream);
    }

    /// <summary>The name of the program, without its directory.</summary>
    public string Name { get; }

    /// <summary>The process id, which is also the id of its process group.</summary>
    public int Id { get; }

    /// <summary>Its standard output.</summary>
    public OutputLines Output { get; }

    /// <summary>Its standard error.</summary>
    public OutputLines Errors { get; }

    /// <summary>Its standard input; disposing it sends the end of the file.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>
    /// Starts a program. One that is not there ends at once with status 127 and says so on standard error.
    /// </summary>
    /// <param name="program">Its path, or a name that the PATH resolves.</param>
    /// <param name="arguments">Its arguments, passed as they are.</param>
    /// <returns>The running process; dispose it.</returns>
    public static ChildProcess Start(string program, params string[] arguments) =>
        Start(program, arguments, workingDirectory: null, environment: null);

    /// <summary>Starts a program in a directory and with changes to its environment.</summary>
    /// <param name="program">Its path, or a name that the PATH resolves.</param>
    /// <param name="arguments">Its arguments, passed as they are.</param>
    /// <param name="workingDirectory">Where it starts; the test's own directory if null.</param>
    /// <param name="environment">Variables to set, or to remove where the value is null.</param>
    /// <returns>The running process; dispose it.</returns>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        string? workingDirectory,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(arguments);
        var start = new ProcessStartInfo(NewSession, ["--", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!, Path.GetFileName(program));
    }

    /// <summary>
    /// Runs a shell command to its end and expects status 0. For steps of a test that are not its subject.
    /// </summary>
    /// <param name="command">The text for <c>sh -c</c>.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <returns>Its standard output, line by line.</returns>
    /// <exception cref="InvalidOperationException">It ended with another status; the message says more.</exception>
    public static IReadOnlyList<string> Shell(string command, string? workingDirectory = null)
    {
        using ChildProcess shell = Start("sh", ["-ec", command], workingDirectory);
        int status = shell.WaitForExit();
        return status == 0
            ? shell.Output.WaitForEnd()
            : throw new InvalidOperationException(
                $"'{command}' ended with status {status}{shell.Output.Tail()}{shell.Errors.Tail()}");
    }

    /// <summary>Sends a signal to the program alone. A program that has ended is not an error.</summary>
    /// <param name="signal">Which signal.</param>
    public void Send(Signal signal)
    {
        // Looked at first, because the id of a process that was reaped may belong to another one.
        if (!_process.HasExited && Libc.Kill(Id, (int)signal) != 0 && Marshal.GetLastPInvokeError() != Libc.ESRCH)
        {
            throw new InvalidOperationException($"kill {Id} {signal}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Waits until it has ended, and both its streams with it.</summary>
    /// <param name="timeout">How long at most; <see cref="Eventually.DefaultTimeout"/> if not given.</param>
    /// <returns>Its exit status; 128 and the signal's number where a signal ended it.</returns>
    /// <exception cref="TimeoutException">It still runs; the message holds its last lines.</exception>
    public int WaitForExit(TimeSpan? timeout = null)
    {
        TimeSpan limit = timeout ?? Eventually.DefaultTimeout;
        if (!_process.WaitForExit(limit))
        {
            throw new TimeoutException(
                $"waited {limit.TotalSeconds:0.###} s for {Name} to end{Output.Tail()}{Errors.Tail()}");
        }

        Output.WaitForEnd(timeout);
        Errors.WaitForEnd(timeout);
        return _process.ExitCode;
    }

    /// <summary>Kills the program and everything it started.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;

        // The group first: it reaches what outlived the program. Its id cannot have gone to another, for no process
        // takes an id that a group still has; once the group is empty and the program reaped, it must not be used.
        if (!_process.HasExited)
        {
            _ = Libc.Kill(-Id, (int)Signal.SIGKILL);
            _process.Kill(entireProcessTree: true);
        }
        else if (GroupLives())
        {
            _ = Libc.Kill(-Id, (int)Signal.SIGKILL);
        }

        _process.WaitForExit(Eventually.DefaultTimeout);
        _process.Dispose();
    }

    // A group whose leader has ended is ours if a member is in the session of that id: proc_pid_stat(5), field 6.
    private bool GroupLives()
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out _))
            {
                continue;
            }

            try
            {
                string stat = File.ReadAllText(Path.Combine(directory, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[3] == $"{Id}")
                {
                    return true;
                }
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return false;
    }
}
