using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Whole;

/// <summary>Writes a file whole, in one of the three modes.</summary>
internal static class WholeWriter
{
    internal static ValueTask<bool> WriteAsync(
        WholeContext context, ReadOnlyMemory<byte> bytes, WriteMode mode, uint permissions) => mode switch
        {
            WriteMode.InPlace => InPlaceAsync(context, bytes, permissions),
            WriteMode.Truncate => TruncatingAsync(context, bytes, permissions),
            _ => AtomicWriter.WriteAsync(context, bytes, permissions),
        };

    // Not emptied first: a file system that holds back what it writes, as ext4 does, takes an emptied file to the disk
    // when it is closed (auto_da_alloc), which costs thirty times as much as the write.
    private static async ValueTask<bool> InPlaceAsync(
        WholeContext context, ReadOnlyMemory<byte> bytes, uint permissions)
    {
        using SafeFileHandle handle = await context.OpenAsync(OpenFlags.Write | OpenFlags.Create, permissions)
            .ConfigureAwait(false);
        if (!bytes.IsEmpty)
        {
            await context.WriteAsync(handle, bytes).ConfigureAwait(false);
        }

        context.Check(Stat.TryGet(handle, out FileStatus status));
        if (status.Type == EntryType.File && status.SizeBytes > bytes.Length)
        {
            WholeContext.Repeat((handle, bytes.Length), static ask => FileState.Truncate(ask.handle, ask.Length))
                .OrThrow("ftruncate", context.Path);
        }

        return true;
    }

    private static async ValueTask<bool> TruncatingAsync(
        WholeContext context, ReadOnlyMemory<byte> bytes, uint permissions)
    {
        const OpenFlags Flags = OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate;
        using SafeFileHandle handle = await context.OpenAsync(Flags, permissions).ConfigureAwait(false);
        if (!bytes.IsEmpty)
        {
            await context.WriteAsync(handle, bytes).ConfigureAwait(false);
        }

        return true;
    }
}
