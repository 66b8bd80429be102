using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Vigil.IO.Operations;
using Vigil.IO.Whole;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO;

/// <content>Whole files: one call for open, read or write, and close.</content>
public sealed partial class FileEngine
{
    /// <inheritdoc cref="Files.ReadAllBytesAsync"/>
    [SkipLocalsInit]
    public ValueTask<byte[]> ReadAllBytesAsync(string path, int maxBytes, CancellationToken cancellation = default)
    {
        CheckPath(path);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<byte[]>(cancellation);
        }

        SafeFileHandle? opened = null;
        if (_triesAtOnce)
        {
            Span<byte> room = stackalloc byte[ShortPathBytes];
            KernelResult result = KernelResult.Cancelled;
            if (PathText.TryWriteTerminated(path, room, out int count))
            {
                result = CachedFile.TryRead(
                    room[..count], Math.Min(maxBytes, MostAtOnceBytes), out byte[]? content, out opened);
                if (content is not null)
                {
                    return new(content);
                }
            }

            if (result.Failure == Failure.NotFound)
            {
                return ValueTask.FromException<byte[]>(result.ToException("open", path));
            }
        }

        try
        {
            return ByCarrier(
                (this, path, maxBytes, opened, cancellation),
                static (carrier, ask) => WholeReader.ReadAsync(
                    new WholeContext(ask.Item1, carrier, ask.path, ask.cancellation), ask.maxBytes, ask.opened));
        }
        catch
        {
            opened?.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Files.WriteAllBytesAsync(string, ReadOnlyMemory{byte}, WriteMode, CancellationToken)"/>
    public ValueTask WriteAllBytesAsync(
        string path,
        ReadOnlyMemory<byte> bytes,
        WriteMode mode = WriteMode.InPlace,
        CancellationToken cancellation = default) =>
        WriteAllBytesAsync(path, bytes, mode, DefaultPermissions, cancellation);

    /// <inheritdoc
    /// cref="Files.WriteAllBytesAsync(string, ReadOnlyMemory{byte}, WriteMode, UnixFileMode, CancellationToken)"/>
    public ValueTask WriteAllBytesAsync(
        string path,
        ReadOnlyMemory<byte> bytes,
        WriteMode mode,
        UnixFileMode permissions,
        CancellationToken cancellation = default)
    {
        CheckPath(path);
        if (mode is < WriteMode.InPlace or > WriteMode.Atomic)
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, null);
        }

        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

        ValueTask<bool> written = ByCarrier(
            (this, path, bytes, mode, permissions, cancellation),
            static (carrier, ask) => WholeWriter.WriteAsync(
                new WholeContext(ask.Item1, carrier, ask.path, ask.cancellation),
                ask.bytes,
                ask.mode,
                (uint)ask.permissions),
            isWrite: true);
        return written.IsCompletedSuccessfully ? default : new ValueTask(written.AsTask());
    }

    // Several steps in a row. Where threads do them, one thread does them all, without a change of thread in between:
    // each of them is done when its call returns.
    [SuppressMessage("Reliability", "CA2012", Justification = "The task is handed on once.")]
    private ValueTask<T> ByCarrier<TState, T>(
        TState state, Func<Carrier, TState, ValueTask<T>> steps, bool isWrite = false)
    {
        Carrier carrier = isWrite ? Works() : Waits();

        // Under way until the last step, also between two of them: an engine that is disposed waits for it.
        Enter();
        if (carrier is RingCarrier && isWrite)
        {
            // Some of the steps of a write are calls that a ring does not do, and that may wait: not in this thread.
            return new(Task.Run(() => ThenLeaveAsync(steps(carrier, state)).AsTask()));
        }

        if (carrier is not ThreadCarrier)
        {
            return ThenLeaveAsync(steps(carrier, state));
        }

        var work = new StepsWork<TState, T>(
            (by, ask) => ThenLeaveAsync(steps(by, ask)), state, _inline);
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        return new(work.Task);
    }

    // All steps are asynchronous methods, so what they throw is in the task.
    private async ValueTask<T> ThenLeaveAsync<T>(ValueTask<T> steps)
    {
        try
        {
            return await steps.ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }
}
