using System.Globalization;

namespace Vigil.Platform.Linux;

/// <summary>
/// Turns a refusal into the remedy a person can act on: the limit, its present value, and how to raise it.
/// </summary>
internal static class ErrnoAdvice
{
    internal static string? For(string call, int errno, string? path) => (call, errno) switch
    {
        ("inotify_add_watch", ErrnoTable.ENOSPC) => WatchLimit(),
        // The kernel has one errno for two limits (inotify_init(2)): instances of the user, open files of the process.
        ("inotify_init1", ErrnoTable.EMFILE) when !Limits.NoDescriptorLeft() => InstanceLimit(),
        ("inotify_add_watch", ErrnoTable.EEXIST) =>
            "it is watched already, and IN_MASK_CREATE asks for a new watch only",
        ("inotify_add_watch", ErrnoTable.EINVAL) =>
            "the mask needs at least one event, and IN_MASK_ADD does not go together with IN_MASK_CREATE",
        ("epoll_ctl", ErrnoTable.ENOSPC) =>
            $"fs.epoll.max_user_watches is {Limits.Read("/proc/sys/fs/epoll/max_user_watches")}; raise it",
        ("bind", ErrnoTable.EADDRINUSE) => "another process listens there, or left its socket behind; use another path",
        ("connect", ErrnoTable.ECONNREFUSED) => "the process that made this socket has ended; start it again",
        ("connect", ErrnoTable.EACCES) =>
            "write permission is needed on the socket, and search permission (x) on every directory above it",
        ("bind", ErrnoTable.EACCES) =>
            "write permission is needed on the directory, and search permission (x) on it and on every one above it",
        ("fallocate", ErrnoTable.ENOMEM or ErrnoTable.ENOSPC) => "ask for less memory, or free some",
        ("io_uring_setup", ErrnoTable.ENOSYS) =>
            "the kernel is built without io_uring, or a seccomp filter hides it, as containers have it; use threads",
        ("io_uring_setup", ErrnoTable.EPERM or ErrnoTable.EACCES) =>
            $"kernel.io_uring_disabled is {Limits.Read("/proc/sys/kernel/io_uring_disabled")}, or a seccomp filter "
                + "refuses it, as containers have it; allow it, or use threads",
        ("io_uring_setup", ErrnoTable.ENOMEM) => "raise the limit of locked memory (ulimit -l)",
        ("pwritev2" or "fsync" or "ftruncate", ErrnoTable.ENOSPC) => "the file system is full; free some space on it",
        ("pwritev2" or "ftruncate", ErrnoTable.EFBIG) =>
            "the limit of the process (ulimit -f), or the longest file that the file system can hold",
        (_, ErrnoTable.EMFILE) => "raise the process's limit of open files (ulimit -n)",
        (_, ErrnoTable.ENFILE) => $"fs.file-max is {Limits.Read("/proc/sys/fs/file-max")}; raise it",
        ("getcwd", ErrnoTable.ENOENT) =>
            "the current directory was deleted; give an absolute path, or change into a directory that exists",
        (_, ErrnoTable.ENOENT) when path is not null => NotFound(path),
        (_, ErrnoTable.ENOTDIR) => "a part of the path is a file, not a directory",
        (_, ErrnoTable.EACCES) =>
            "read permission is needed on it, and search permission (x) on every directory above it",
        (_, ErrnoTable.ELOOP) => "a symbolic link on the way leads back to itself",
        (_, ErrnoTable.ENAMETOOLONG) =>
            "a name may have 255 bytes (NAME_MAX), a path 4095 (PATH_MAX); change into a directory below first",
        (_, ErrnoTable.ENOMEM) => "free some memory, or watch fewer directories",
        _ => null,
    };

    /// <summary>fs.inotify.max_user_watches, how much of it is used, and the command that raises it.</summary>
    internal static string WatchLimit()
    {
        (long limit, string name) = Limits.EffectiveWatches();
        long used = Limits.WatchesInUse();
        long wanted = Math.Max(524_288, limit * 2);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name} is {limit}, in use by this user: {used}; raise it: sudo sysctl {name}={wanted}");
    }

    private static string InstanceLimit()
    {
        (long limit, string name) = Limits.EffectiveInstances();
        long used = Limits.InstancesInUse();
        long wanted = Math.Max(1024, limit * 2);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name} is {limit}, in use by this user: {used}; raise it: sudo sysctl {name}={wanted}");
    }

    private static string NotFound(string path)
    {
        if (Stat.TryReadLink(PathText.ToTerminated(path)) is { } target)
        {
            return $"it is a symbolic link to {PathText.FromBytes(target)}, which does not exist";
        }

        return "check the path; the nearest part of it that exists is " + NearestExisting(path);
    }

    private static string NearestExisting(string path)
    {
        string? part = System.IO.Path.GetDirectoryName(WorkingDirectory.TryComplete(path));
        while (part is not null
            && Stat.TryGet(PathText.ToTerminated(part), followLinks: true, out _) != Failure.None)
        {
            part = System.IO.Path.GetDirectoryName(part);
        }

        return part ?? "/";
    }
}
