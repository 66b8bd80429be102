using Microsoft.Win32.SafeHandles;
using Vigil.IO.Operations;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Whole;

/// <summary>What the steps of a whole file have in common: for whom, by what, which file, until when.</summary>
internal readonly record struct WholeContext(
    FileEngine Engine, Carrier Carrier, string Path, CancellationToken Cancellation)
{
    /// <summary>What a file is has to be known: without it, the wrong thing could be done.</summary>
    internal void Check(Failure failure)
    {
        if (failure != Failure.None)
        {
            throw new IOException($"{Path}: statx does not tell what it is ({failure})");
        }
    }

    /// <summary>A call that a signal may interrupt (EINTR), until it was not.</summary>
    internal static KernelResult Repeat<TState>(TState state, Func<TState, KernelResult> call)
    {
        while (true)
        {
            KernelResult result = call(state);
            if (result.Failure != Failure.Interrupted)
            {
                return result;
            }
        }
    }

    internal ValueTask<SafeFileHandle> OpenAsync(OpenFlags flags, uint permissions) =>
        FileOperation.Rent(Engine, OperationKind.Open).Opening(Path, flags, permissions)
            .StartOpenAsync(Carrier, Cancellation);

    internal ValueTask<SafeFileHandle> AwaitWriterAsync(SafeFileHandle opened) =>
        FileOperation.Rent(Engine, OperationKind.Open).Opening(Path, OpenFlags.Read, 0).Continuing(opened)
            .StartOpenAsync(Carrier, Cancellation);

    /// <summary>
    /// The same for a FIFO, which no ring reads: the kernel lets go of what a ring had open a moment after it has said
    /// that it is done, and the next writer would still find a reader there, and lose what he writes.
    /// </summary>
    internal WholeContext ForFifo() => Carrier is RingCarrier ? this with { Carrier = Engine.Threads } : this;

    // Not straight to a ring: what is left to read may be in the page cache, and mostly it is the end of the file.
    internal ValueTask<int> ReadAsync(SafeFileHandle handle, Memory<byte> memory, long offset) =>
        Carrier is RingCarrier ? Engine.ReadAsync(handle, memory, offset, Path, Cancellation)
        : FileOperation.Rent(Engine, OperationKind.Read).Of(Path).On(handle, offset).With(memory)
            .StartCountAsync(Carrier, Cancellation);

    internal ValueTask WriteAsync(SafeFileHandle handle, ReadOnlyMemory<byte> memory) =>
        FileOperation.Rent(Engine, OperationKind.Write).Of(Path).On(handle).With(memory)
            .StartAsync(Carrier, Cancellation);

    internal ValueTask SyncAsync(SafeFileHandle handle) =>
        FileOperation.Rent(Engine, OperationKind.Sync).Of(Path).On(handle).StartAsync(Carrier, Cancellation);
}
