using System.Runtime.InteropServices;

namespace Vigil.Cli.Run;

/// <summary>
/// The signals of <c>vigil run</c>, taken to the thread of its loop: what ends it, Ctrl-Z, going on, and children that
/// changed. Thread-safe.
/// </summary>
internal sealed class RunSignals : IDisposable
{
    private static readonly PosixSignal[] Ending =
        [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly RunLoop _loop;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _ends;
    private int _lastEnd;
    private int _stops;
    private int _continues;

    /// <summary>Takes them over from the defaults.</summary>
    public RunSignals(RunLoop loop)
    {
        _loop = loop;
        foreach (PosixSignal signal in Ending)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnEnd));
        }

        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTSTP, context => Count(context, ref _stops)));
        _registrations.Add(
            PosixSignalRegistration.Create(PosixSignal.SIGCONT, context => Count(context, ref _continues)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGCHLD, context =>
        {
            // Cancelled, because the runtime waits for no child of ours.
            context.Cancel = true;
            _loop.Wake();
        }));
    }

    /// <summary>How often it was asked to end.</summary>
    public int Ends => Volatile.Read(ref _ends);

    /// <summary>The number of the last signal that asked it to.</summary>
    public int EndSignal => Volatile.Read(ref _lastEnd);

    /// <summary>Whether Ctrl-Z was pressed since the last question.</summary>
    public bool TakeStop() => Interlocked.Exchange(ref _stops, 0) > 0;

    /// <summary>Whether it goes on after a stop since the last question.</summary>
    public bool TakeContinue() => Interlocked.Exchange(ref _continues, 0) > 0;

    public void Dispose() => _registrations.ForEach(static registration => registration.Dispose());

    private void OnEnd(PosixSignalContext context)
    {
        context.Cancel = true;
        Volatile.Write(ref _lastEnd, context.Signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGQUIT => 3,
            PosixSignal.SIGTERM => Platform.Linux.SignalNumber.SIGTERM,
            _ => Platform.Linux.SignalNumber.SIGINT,
        });
        Interlocked.Increment(ref _ends);
        _loop.Wake();
    }

    private void Count(PosixSignalContext context, ref int counter)
    {
        context.Cancel = true;
        Interlocked.Increment(ref counter);
        _loop.Wake();
    }
}
