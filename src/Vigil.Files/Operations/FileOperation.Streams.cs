using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Operations;

/// <content>
/// Reads and writes in a thread. What has no positions, and so may have to wait, waits in poll(2) and never in the call
/// itself, from which nothing could call it back.
/// </content>
internal sealed unsafe partial class FileOperation
{
    // The FIFO of the handle, opened once more for this operation alone, so that its calls do not wait.
    private SafeFileHandle? _again;

    // There were bytes a moment ago, but another reader of the pipe may have taken them: then it is waited once more.
    private KernelResult ReadHere()
    {
        KernelResult result = FileTransfer.Read(
            _again ?? _handle!, _memory.Vectors, _memory.CallCount, _offset, noWait: IsStream && _again is null);
        return !IsStream ? result
            : IsToWait(result) || (IsWithoutNoWait(result) && TryOpenAgain(OpenFlags.Read)) ? KernelResult.Interrupted
            : !IsWithoutNoWait(result) ? result
            : FileTransfer.Read(_handle!, _memory.Vectors, _memory.CallCount, _offset, noWait: false);
    }

    // The same where there was room.
    private KernelResult WriteHere()
    {
        KernelResult result = FileTransfer.Write(
            _again ?? _handle!, _memory.Vectors, _memory.CallCount, _offset, noWait: IsStream && _again is null);
        return !IsStream ? result
            : IsToWait(result) || (IsWithoutNoWait(result) && TryOpenAgain(OpenFlags.Write)) ? KernelResult.Interrupted
            : !IsWithoutNoWait(result) ? result
            : WritePart();
    }

    // FIFOs that have a name, and terminals, know no RWF_NOWAIT.
    private static bool IsWithoutNoWait(KernelResult result) => result.Failure == Failure.NotSupported;

    // A FIFO is the same one for whoever opens it, and O_NONBLOCK is only of this open. Devices may be other ones when
    // they are opened again (ptmx(4)), or do something.
    private bool TryOpenAgain(OpenFlags flags) => IsFifo(_handle!)
        && FileOpen.TryReopen(_handle!, flags, out _again).IsSuccess;

    // The first call does not wait and comes before any poll(2), which never ends for the wrong end of a pipe.
    private bool IsToWait(KernelResult result)
    {
        bool isFirst = !_waitsForOthers;
        _waitsForOthers |= result.Failure == Failure.WouldBlock || IsWithoutNoWait(result);
        return result.Failure == Failure.WouldBlock || (isFirst && _waitsForOthers);
    }

    // Of what poll(2) has told of there is room for so much, pipe(7), unless somebody else takes it first; what is more
    // would be waited for in the kernel.
    private KernelResult WritePart()
    {
        const int PIPE_BUF = 4096;
        IoVector part = *_memory.Vectors;
        part.Length = nuint.Min(part.Length, PIPE_BUF);
        return FileTransfer.Write(_handle!, &part, count: 1, _offset, noWait: false);
    }
}
