using System.Runtime.InteropServices;

namespace Vigil.Cli;

/// <summary>
/// SIGINT and SIGTERM: the first asks the command to end in order, the second ends it at once. Where the end does not
/// come within a second (standard output is stuck behind a pipe that nobody empties), the command ends without it.
/// </summary>
internal sealed class Signals : IDisposable
{
    private const int GraceMs = 1000;
    private readonly Action _stop;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private Timer? _deadline;
    private int _count;

    public Signals(Action stop)
    {
        _stop = stop;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _deadline?.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            Environment.Exit(ExitStatus.Success);
        }

        _deadline = new Timer(static _ => Environment.Exit(ExitStatus.Success), null, GraceMs, Timeout.Infinite);
        _stop();
    }
}
