using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// What is done with names: mkdir(2), chmod(2), rename(2), unlink(2). What is refused is told with the call and the
/// path. Thread-safe.
/// </summary>
public static partial class FileNames
{
    /// <summary>Makes a directory, and those above it that are missing. One that is there stays as it is.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="permissions">The permissions of those that are made, from which the umask is taken.</param>
    /// <exception cref="VigilException">EACCES, EROFS, ENOSPC; ENOTDIR or EEXIST: something else has a name on the way;
    /// ENOENT: none can be made there.</exception>
    public static void MakeDirectories(string path, uint permissions)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path) || TryMake(path, permissions, out int errno))
        {
            return;
        }

        if (errno == ErrnoTable.ENOENT && Path.GetDirectoryName(path) is { Length: > 0 } above && above != path)
        {
            MakeDirectories(above, permissions);
            if (TryMake(path, permissions, out errno))
            {
                return;
            }
        }

        throw VigilException.Create("mkdir", errno, path);
    }

    /// <summary>Sets the permissions of what a name stands for.</summary>
    /// <param name="path">The name; symbolic links are followed.</param>
    /// <param name="permissions">The permissions.</param>
    /// <exception cref="VigilException">ENOENT, EPERM, EROFS.</exception>
    public static void SetPermissions(string path, uint permissions)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Require(chmod(path, permissions), "chmod", path);
    }

    /// <summary>Gives something another name, in place of what has that name now.</summary>
    /// <param name="from">Its name.</param>
    /// <param name="to">The new one, on the same file system.</param>
    /// <exception cref="VigilException">ENOENT, EACCES, EROFS, EXDEV; EISDIR: a directory has the new name.</exception>
    public static void Move(string from, string to)
    {
        ArgumentException.ThrowIfNullOrEmpty(from);
        ArgumentException.ThrowIfNullOrEmpty(to);
        Require(rename(from, to), "rename", to);
    }

    /// <summary>Removes a name that is no directory's; nothing is to be done where there is none.</summary>
    /// <param name="path">The name.</param>
    /// <exception cref="VigilException">EACCES, EROFS, EBUSY; EISDIR: it is a directory.</exception>
    public static void Remove(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (unlink(path) != 0 && Marshal.GetLastPInvokeError() is var errno and not ErrnoTable.ENOENT)
        {
            throw VigilException.Create("unlink", errno, path);
        }
    }

    // Another may make it at the same time.
    private static bool TryMake(string path, uint permissions, out int errno)
    {
        errno = mkdir(path, permissions) == 0 ? 0 : Marshal.GetLastPInvokeError();
        return errno == 0 || (errno == ErrnoTable.EEXIST && Directory.Exists(path));
    }

    private static void Require(int result, string call, string path)
    {
        if (result != 0)
        {
            throw VigilException.Create(call, Marshal.GetLastPInvokeError(), path);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);
}
