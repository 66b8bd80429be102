using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>
/// What an open file is, beside its content: fsync(2), fdatasync(2), ftruncate(2), fchmod(2), fchown(2). Thread-safe.
/// </summary>
public static partial class FileState
{
    /// <summary>For <see cref="SetOwner"/>: whoever it is now.</summary>
    public const uint SameId = uint.MaxValue;

    /// <summary>Waits until content, length and everything else of the file is on the disk: fsync(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <returns>0, or the refusal.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static KernelResult Sync(SafeFileHandle handle) => KernelResult.Of(fsync(handle));

    /// <summary>Waits until what was renamed or made in a directory is on the disk: fsync(2).</summary>
    /// <param name="directory">The directory.</param>
    /// <returns>0, or the refusal.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static KernelResult Sync(DirectoryHandle directory) => KernelResult.Of(fsync(directory));

    /// <summary>As <see cref="Sync(SafeFileHandle)"/>, without times and the like: fdatasync(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <returns>0, or the refusal.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static KernelResult SyncData(SafeFileHandle handle) => KernelResult.Of(fdatasync(handle));

    /// <summary>Gives the file a length: ftruncate(2).</summary>
    /// <param name="handle">The file, open for writing.</param>
    /// <param name="lengthBytes">The length.</param>
    /// <returns>0, or the refusal.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static KernelResult Truncate(SafeFileHandle handle, long lengthBytes) =>
        KernelResult.Of(ftruncate(handle, lengthBytes));

    /// <summary>Gives the file permissions: fchmod(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="permissions">The twelve bits.</param>
    /// <returns>0, or the refusal.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static KernelResult SetPermissions(SafeFileHandle handle, uint permissions) =>
        KernelResult.Of(fchmod(handle, permissions));

    /// <summary>Gives the file to a user and a group: fchown(2).</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="ownerId">The user, or <see cref="SameId"/>.</param>
    /// <param name="groupId">The group.</param>
    /// <returns>0, or the refusal: EPERM where this user may not give it away.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed.</exception>
    public static KernelResult SetOwner(SafeFileHandle handle, uint ownerId, uint groupId) =>
        KernelResult.Of(fchown(handle, ownerId, groupId));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(DirectoryHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(SafeFileHandle fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(SafeFileHandle fd, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchown(SafeFileHandle fd, uint owner, uint group);
}
