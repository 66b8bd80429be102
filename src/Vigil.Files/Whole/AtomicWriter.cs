using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Whole;

/// <summary>
/// A new file beside the old one takes its name: rename(2) is one step for everybody who looks. Content first, then the
/// name, then the directory: in this order they reach the disk.
/// </summary>
/// <remarks>
/// Everything happens in one open directory, so it stays right while a directory above is renamed. A symbolic link is
/// followed, and stays: what it leads to is replaced. A process that is killed in between leaves the new file behind,
/// under a name that begins with <see cref="Prefix"/>.
/// </remarks>
internal static class AtomicWriter
{
    internal const string Prefix = ".vigil-";
    private const int MostLinks = 40;
    private const int MostTries = 16;
    private const int NameBytes = 8;
    private const uint OwnerOnly = 0x180;

    internal static async ValueTask<bool> WriteAsync(
        WholeContext context, ReadOnlyMemory<byte> bytes, uint permissions)
    {
        (byte[] directoryPath, byte[] name) = Target(context.Path);
        using DirectoryHandle directory = OpenDirectory(directoryPath);
        Failure failure = Stat.TryGetAt(directory, name, out FileStatus old);
        bool isThere = failure != Failure.NotFound;
        context.Check(isThere ? failure : Failure.None);
        if (isThere && old.Type != EntryType.File)
        {
            throw old.Type == EntryType.Directory
                ? KernelResult.Directory.ToException("rename", context.Path)
                : new IOException($"{context.Path}: it is no regular file, and cannot be replaced by one");
        }

        (SafeFileHandle handle, byte[] temporary) = Create(context, directory, isThere ? OwnerOnly : permissions);
        try
        {
            using (handle)
            {
                if (!bytes.IsEmpty)
                {
                    await context.WriteAsync(handle, bytes).ConfigureAwait(false);
                }

                if (isThere)
                {
                    Keep(context, handle, old);
                }

                await context.SyncAsync(handle).ConfigureAwait(false);
            }

            directory.Rename(temporary, name).OrThrow("rename", context.Path);
        }
        catch
        {
            directory.TryRemoveFile(temporary);
            throw;
        }

        // From here on it has the new content, and nothing is given up any more.
        KernelResult synced = WholeContext.Repeat(directory, FileState.Sync);

        // Some file systems have nothing to wait for there (EINVAL).
        _ = synced.Failure == Failure.Invalid ? 0 : synced.OrThrow("fsync", context.Path);
        return true;
    }

    private static DirectoryHandle OpenDirectory(byte[] path)
    {
        while (true)
        {
            DirectoryHandle? directory = DirectoryHandle.TryOpen(path, followLink: true, out Failure failure);
            if (failure != Failure.Interrupted)
            {
                return directory ?? DirectoryHandle.Open(path, followLink: true);
            }
        }
    }

    // Who may not give a file away keeps it, but may still give it a group that is his. Where it is another's now, bits
    // that let others act as owner or group go; and another group is allowed what others are, and no more.
    private static void Keep(WholeContext context, SafeFileHandle handle, in FileStatus old)
    {
        const uint SetIds = 0xc00;
        const uint OfOthers = 7;
        const int GroupShift = 3;
        uint permissions = old.Permissions;
        if (!FileState.SetOwner(handle, old.OwnerId, old.GroupId).IsSuccess)
        {
            _ = FileState.SetOwner(handle, FileState.SameId, old.GroupId);
            context.Check(Stat.TryGet(handle, out FileStatus now));
            if (now.OwnerId != old.OwnerId || now.GroupId != old.GroupId)
            {
                permissions &= ~SetIds;
            }

            if (now.GroupId != old.GroupId)
            {
                permissions &= ~(OfOthers << GroupShift) | ((permissions & OfOthers) << GroupShift);
            }
        }

        FileState.SetPermissions(handle, permissions).OrThrow("fchmod", context.Path);
    }

    private static (SafeFileHandle Handle, byte[] Name) Create(
        WholeContext context, DirectoryHandle directory, uint permissions)
    {
        for (int i = 0; ; i++)
        {
            long number = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(NameBytes));
            byte[] name = Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:x16}.tmp\0"));
            SafeFileHandle? handle = null;
            KernelResult result = WholeContext.Repeat(name, name => FileOpen.TryOpenAt(
                directory,
                name,
                OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive,
                permissions,
                out handle));
            if (result.IsSuccess)
            {
                return (handle!, name);
            }

            if (result.Failure != Failure.AlreadyExists || i == MostTries)
            {
                throw result.ToException("open", context.Path);
            }
        }
    }

    // The directory and the name in it, both ended by a NUL, after all links at the end of the path.
    private static (byte[] Directory, byte[] Name) Target(string path)
    {
        byte[] target = PathText.ToTerminated(path);
        for (int i = 0; Stat.TryReadLink(target) is { } link; i++)
        {
            if (i == MostLinks)
            {
                throw KernelResult.LinkLoop.ToException("open", path);
            }

            target = link[0] == '/' ? [.. link, 0] : [.. DirectoryPart(target), .. link, 0];
        }

        ReadOnlySpan<byte> directory = DirectoryPart(target);
        byte[] name = target[directory.Length..];
        if (name is [0] or [(byte)'.', 0] or [(byte)'.', (byte)'.', 0])
        {
            throw KernelResult.Directory.ToException("open", path);
        }

        return (directory.IsEmpty ? [(byte)'.', 0] : [.. directory, 0], name);
    }

    // With the slash at its end; empty for a name alone.
    private static ReadOnlySpan<byte> DirectoryPart(byte[] path) =>
        path.AsSpan(0, path.AsSpan().LastIndexOf((byte)'/') + 1);
}
