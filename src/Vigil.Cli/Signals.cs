using System.Runtime.InteropServices;

namespace Vigil.Cli;

/// <summary>
/// SIGINT and SIGTERM: the first asks the command to end in order, the second ends it at once. Where the end does not
/// come although nothing is written any more, whatever it hangs on, the command ends without it.
/// </summary>
internal sealed class Signals : IDisposable
{
    private const int LookMs = 250;
    private readonly SessionEnd _end;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private Timer? _guard;
    private int _count;
    private int _looks;

    public Signals(SessionEnd end)
    {
        _end = end;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _guard?.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            Environment.Exit(_end.Status);
        }

        _end.Finish(ExitStatus.Success);
        _guard = new Timer(_ => EndIfStuck(), null, 4 * LookMs, LookMs);
    }

    private void EndIfStuck()
    {
        // The orderly end, which keeps to the same second, has its chance first.
        if (_end.IsOverdue && Interlocked.Increment(ref _looks) == 3)
        {
            Talk.Stuck();
            Environment.Exit(_end.Status);
        }
    }
}
