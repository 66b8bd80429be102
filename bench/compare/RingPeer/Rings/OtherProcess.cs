using System.Diagnostics;
using System.Text.Json;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>This program once more, as the other end of the ring. What it says at its end is a line of JSON.</summary>
internal sealed class OtherProcess : IDisposable
{
    private const string Ready = "ready";

    private readonly Process _process;

    public OtherProcess(params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
    }

    /// <summary>What the other process calls when it has joined and is about to read.</summary>
    public static void SayReady() => Console.WriteLine(Ready);

    /// <summary>Waits until it is ready: a writer that begins earlier finds readers that do not look yet.</summary>
    public void AwaitReady()
    {
        if (_process.StandardOutput.ReadLine() != Ready)
        {
            throw new InvalidOperationException("the other process did not get ready");
        }
    }

    /// <summary>Waits for its end. If it failed, so did this run; it has said why on standard error.</summary>
    public Dictionary<string, double> Result()
    {
        string output = _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        return _process.ExitCode == 0
            ? JsonSerializer.Deserialize<Dictionary<string, double>>(output)!
            : throw new InvalidOperationException($"the other process ended with {_process.ExitCode}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
