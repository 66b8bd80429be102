using System.Globalization;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

public sealed class InotifyUnmountTests
{
    // The mount is made in a mount namespace of a child process, so that nothing of it is left whatever happens here,
    // and it is seen through /proc/PID/root. A user who is not root gets the right to mount by a user namespace.
    private static string UnshareFlags => Environment.IsPrivilegedProcess ? "-m" : "-Urm";

    [Fact]
    public void An_unmount_is_told_and_ends_the_watch()
    {
        using TempTree directory = new();
        using Shell child = new(directory.Path, "unshare", UnshareFlags, "/bin/sh");
        child.Run("mkdir m && mount -t tmpfs none m");
        string pid = child.Output("echo $$").Trim();
        Assert.NotEqual(0, int.Parse(pid, CultureInfo.InvariantCulture));

        using Inotify inotify = Inotify.Open();
        string mounted = $"/proc/{pid}/root{directory.At("m")}";
        WatchDescriptor watch = inotify.Add(mounted, InotifyMask.Create | InotifyMask.DeleteSelf);
        child.Run("touch m/f");
        Assert.Equal(["IN_CREATE f"], inotify.DrainShort());

        child.Run("umount m");
        List<RawEvent> events = inotify.ReadUntil(
            static e => (e.Mask & InotifyMask.Ignored) != 0, "the unmount to end the watch");

        // Not every kernel marks the root of the file system as the directory it is.
        Assert.Equal(
            [InotifyMask.Unmount, InotifyMask.Ignored], events.Select(static e => e.Mask & ~InotifyMask.IsDir));
        Assert.False(inotify.Remove(watch));
        Assert.Empty(inotify.Drain());
        Assert.Null(inotify.PathOf(watch));
    }
}
