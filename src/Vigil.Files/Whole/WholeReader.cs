using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Whole;

/// <summary>
/// Reads a file to its end, whatever it says of its length: files of /proc say 0, pipes nothing, and others grow.
/// </summary>
internal static class WholeReader
{
    private const int FirstBytes = 16 << 10;

    internal static async ValueTask<byte[]> ReadAsync(WholeContext context, int maxBytes, SafeFileHandle? opened)
    {
        using SafeFileHandle handle = opened ?? await context.OpenAsync(OpenFlags.Read, 0).ConfigureAwait(false);
        bool isKnown = Stat.TryGet(handle, out FileStatus status) == Failure.None
            && status.Type == EntryType.File && status.SizeBytes > 0;
        context = status.IsFifo ? context.ForFifo() : context;
        if (opened is not null)
        {
            FileOpen.ClearNonBlocking(handle);
            if (status.IsFifo)
            {
                await context.AwaitWriterAsync(opened).ConfigureAwait(false);
            }
        }

        if (isKnown && status.SizeBytes > maxBytes)
        {
            throw new FileTooLargeException(context.Path, maxBytes);
        }

        if (!isKnown)
        {
            return await ReadToEndAsync(context, handle, maxBytes, []).ConfigureAwait(false);
        }

        byte[] content = GC.AllocateUninitializedArray<byte>((int)status.SizeBytes);
        int count = await context.ReadAsync(handle, content, 0).ConfigureAwait(false);
        if (count < content.Length)
        {
            return content[..count];
        }

        // Whether that is the end, only a read of nothing tells.
        return await ReadToEndAsync(context, handle, maxBytes, content).ConfigureAwait(false);
    }

    /// <summary>Reads one of many files, here and now: the carrier of the context is the calling thread.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "Every step is over when it returns.")]
    internal static FileContent ReadOne(WholeContext context, int maxBytes)
    {
        try
        {
            context.Engine.Enter();
        }
        catch (ObjectDisposedException error)
        {
            return new FileContent(context.Path, error);
        }

        try
        {
            return new FileContent(context.Path, ReadAsync(context, maxBytes, opened: null).GetAwaiter().GetResult());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new FileContent(context.Path, error);
        }
        finally
        {
            context.Engine.Leave();
        }
    }

    // One byte more than is allowed is read, and no more: it is what tells a file that is too large.
    private static async ValueTask<byte[]> ReadToEndAsync(
        WholeContext context, SafeFileHandle handle, int maxBytes, byte[] head)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        int count = 0;
        try
        {
            while (true)
            {
                int room = (int)Math.Min(buffer.Length - count, (long)maxBytes + 1 - head.Length - count);
                int part = await context.ReadAsync(
                    handle, buffer.AsMemory(count, room), (long)head.Length + count).ConfigureAwait(false);
                count += part;
                if (head.Length + count > maxBytes)
                {
                    throw new FileTooLargeException(context.Path, maxBytes);
                }

                if (part == 0)
                {
                    return count == 0 ? head : [.. head, .. buffer.AsSpan(0, count)];
                }

                buffer = count == buffer.Length ? Grow(buffer) : buffer;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(checked(buffer.Length * 2));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
