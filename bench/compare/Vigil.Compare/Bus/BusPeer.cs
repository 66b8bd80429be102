using System.Diagnostics;

namespace Vigil.Compare.Bus;

/// <summary>A service that watches for several processes.</summary>
internal abstract class BusPeer(WorkArea area, string title) : IDisposable
{
    private Process? _server;

    public string Title { get; } = title;

    public int ServerId => _server!.Id;

    protected WorkArea Area { get; } = area;

    /// <summary>Starts the service, and waits until it answers.</summary>
    public void Start()
    {
        ProcessStartInfo start = ServerStart();
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        _server = Process.Start(start)!;
        _server.BeginErrorReadLine();
        _server.BeginOutputReadLine();
        Area.Adopt(_server);
        Stopwatch waited = Stopwatch.StartNew();
        while (!Answers())
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(20))
            {
                throw new InvalidOperationException($"{Title} does not answer");
            }

            Thread.Sleep(20);
        }
    }

    /// <summary>A subscriber that is told of what comes from now on; the service watches the tree by then.</summary>
    public abstract BusSubscriber Subscribe(string root);

    /// <summary>A position.</summary>
    public abstract string Clock(string root);

    /// <summary>What came after a position, as the command prints it.</summary>
    public abstract string Since(string root, string position);

    /// <summary>User and system time of the service.</summary>
    public TimeSpan ServerCpu() => Libc.CpuTime(ServerId);

    /// <summary>Resident memory of the service, in KiB.</summary>
    public long ServerRssKib() => long.Parse(
        File.ReadLines($"/proc/{ServerId}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);

    public void Dispose()
    {
        if (_server is null)
        {
            return;
        }

        if (!_server.HasExited)
        {
            Libc.Signal(ServerId, Libc.SIGTERM);
            if (!_server.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                _server.Kill();
                _server.WaitForExit();
            }
        }

        Area.Release(_server);
        _server.Dispose();
    }

    protected abstract ProcessStartInfo ServerStart();

    protected abstract bool Answers();

    /// <summary>Runs a command to its end.</summary>
    protected static (int Status, string Output) Run(ProcessStartInfo start, string? input = null)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        _ = error.Result;
        return (process.ExitCode, output);
    }
}
