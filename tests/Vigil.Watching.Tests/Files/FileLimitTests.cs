using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// What a file watcher does where the kernel gives it less than it wants, or where it cannot see: in a process of its
/// own, with limits, rights and mounts of its own.
/// </summary>
public sealed class FileLimitTests
{
    [Fact]
    public void Beyond_the_limit_of_watches_files_are_looked_at_until_there_is_one()
    {
        using TempTree tree = new();
        for (int i = 0; i < 10; i++)
        {
            tree.WriteFile($"d{i}/f", "1");
        }

        // Enough for what is above the directories, and for four of them.
        int above = tree.Path.Split('/').Length - 1;
        using HostProcess host = HostProcess.StartLimited("max_inotify_watches", above + 4);
        for (int i = 0; i < 10; i++)
        {
            host.Ask("watched True", "file-watch", tree.At($"d{i}/f"));
        }

        host.WaitFor("file Degraded ");
        string degraded = host.Told("file Degraded ")[0];
        Assert.Contains($"user.max_inotify_watches is {above + 4}", degraded, StringComparison.Ordinal);
        Assert.Contains("raise it: sudo sysctl", degraded, StringComparison.Ordinal);
        Assert.Contains("every 50 ms", degraded, StringComparison.Ordinal);
        for (int i = 0; i < 10; i++)
        {
            tree.WriteFile($"d{i}/f", "two");
            host.WaitFor($"file CloseWrite {tree.At($"d{i}/f")}");
            File.Delete(tree.At($"d{i}/f"));
            host.WaitFor($"file Delete {tree.At($"d{i}/f")}");
        }

        Assert.Equal(6, host.Told("file Degraded ").Length);

        // What becomes free is used; then nothing is looked at without an event, and writes within a moment count.
        host.Shell($"echo {above + 100} > /proc/sys/user/max_inotify_watches");
        Eventually.Passes(
            () =>
            {
                int before = host.Told("file CloseWrite ").Length;
                for (int i = 0; i < 3; i++)
                {
                    tree.WriteFile("d9/f", "x");
                    File.Delete(tree.At("d9/f"));
                }

                Eventually.True(
                    () => host.Told("file CloseWrite ").Length >= before + 3, "three events", TimeSpan.FromSeconds(1));
            },
            "the directory to be watched");
    }

    [Fact]
    public void Without_an_instance_the_error_says_what_to_do()
    {
        using HostProcess host = HostProcess.StartLimited("max_inotify_instances", 0);
        string error = host.Refused("file-watch", "/tmp/f");
        Assert.Contains("inotify_init1", error, StringComparison.Ordinal);
        Assert.Contains("user.max_inotify_instances is 0", error, StringComparison.Ordinal);
        Assert.Contains("raise it", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_relative_path_means_what_it_meant_when_it_was_added()
    {
        using TempTree tree = new();
        tree.MakeDirectory("one");
        tree.MakeDirectory("two");
        using HostProcess host = HostProcess.StartIn(tree.At("one"));
        host.Ask("watched True", "file-watch", "f");
        host.Ask("changed", "chdir", tree.At("two"));
        host.Ask("watched True", "file-watch", "./f");
        host.Ask("watched False f", "file-watch", "../one/f");
        tree.WriteFile("two/f");
        host.WaitFor("file CloseWrite ./f");
        tree.WriteFile("one/f");
        host.WaitFor("file CloseWrite ../one/f");
        Assert.Equal(2, host.Told("file ").Length);
        host.Ask("removed True ./f", "file-remove", "f");
        Directory.Delete(tree.At("two"), recursive: true);
        string error = host.Refused("file-watch", "g");
        Assert.Contains("the current directory was deleted", error, StringComparison.Ordinal);
        host.Ask("stopped", "file-stop");
        Assert.Contains("ObjectDisposedException", host.Refused("file-watch", "/tmp/f"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("umount")]
    [InlineData("umount -l")]
    public void What_is_mounted_over_a_directory_or_unmounted_is_what_the_path_leads_to(string unmount)
    {
        using TempTree tree = new();
        using HostProcess host = StartWithMounts(tree, "mkdir -p d/e; echo below > d/e/f");
        string file = tree.At("d/e/f");
        host.Ask("watched True", "file-watch", file);
        host.Shell($"cd {tree.Path}; mount -t tmpfs none d/e");
        host.WaitFor($"file Delete {file}");
        host.Shell($"cd {tree.Path}; echo above > d/e/f");
        Eventually.True(() => host.Told($"file CloseWrite {file}").Length == 1, "the file in the mount");
        Eventually.Passes(() => host.Shell($"{unmount} {tree.Path}/d/e"), "nothing to be open there");
        Eventually.True(() => host.Told($"file CloseWrite {file}").Length == 2, "the file below");
        host.Shell($"cd {tree.Path}; echo again > d/e/f");
        Eventually.True(() => host.Told($"file CloseWrite {file}").Length == 3, "the file below to be written");

        // A file that another is mounted over.
        host.Shell($"cd {tree.Path}; echo other > other; mount --bind other d/e/f");
        Eventually.True(() => host.Told($"file CloseWrite {file}").Length == 4, "the other file");
    }

    [Fact]
    public void A_file_system_without_events_is_looked_at_and_that_is_said()
    {
        using HostProcess host = HostProcess.Start();
        host.Ask("watched True", "file-watch", "/proc/self/stat");
        host.WaitFor("file Degraded ");
        string degraded = host.Told("file Degraded ")[0];
        Assert.Contains("a file system without change events", degraded, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_not_be_read_is_looked_at_and_that_is_said()
    {
        using TempTree tree = TempTree.InMemory();
        tree.WriteFile("pass/closed/f", "1");
        ChildProcess.Shell("chmod 755 .; chmod 711 pass pass/closed; chmod 644 pass/closed/f", tree.Path);
        using HostProcess host = StartAsOther();
        string file = tree.At("pass/closed/f");
        host.Ask("watched True", "file-watch", file);
        host.WaitFor("file Degraded ");
        Assert.Contains("read permission is needed", host.Told("file Degraded ")[0], StringComparison.Ordinal);
        tree.WriteFile("pass/closed/f", "two");
        host.WaitFor($"file CloseWrite {file}");

        // One that may be read, below one that may not: that is watched, and looked at in silence.
        ChildProcess.Shell("mkdir -m 755 pass/open", tree.Path);
        host.Ask("watched True", "file-watch", tree.At("pass/open/g"));
        tree.WriteFile("pass/open/g");
        host.WaitFor($"file CloseWrite {tree.At("pass/open/g")}");
        Assert.Single(host.Told("file Degraded "));
        ChildProcess.Shell("mv pass away; mkdir -p pass/open; echo other > pass/open/g", tree.Path);
        Eventually.True(
            () => host.Told($"file CloseWrite {tree.At("pass/open/g")}").Length == 2, "the other directory's file");
    }

    [Fact]
    public void A_file_that_could_not_be_seen_for_a_while_is_told_when_it_can()
    {
        using TempTree tree = TempTree.InMemory();
        ChildProcess.Shell("chmod 755 .; mkdir -m 755 d e; echo text > text; echo old > d/g", tree.Path);
        using HostProcess host = StartAsOther();
        foreach (string file in (string[])["d/f", "d/g", "e/f"])
        {
            host.Ask("watched True", "file-watch", tree.At(file));
        }

        // Nobody closes a hard link: it is told when it stood still, and for that it has to be seen.
        ChildProcess.Shell("ln text d/f; chmod 644 d", tree.Path);
        ChildProcess.Shell("ln text e/f", tree.Path);
        host.WaitFor($"file CloseWrite {tree.At("e/f")}");
        ChildProcess.Shell("chmod 755 d", tree.Path);
        host.WaitFor($"file CloseWrite {tree.At("d/f")}");

        // The directory can be watched, as it may be read, but nothing in it can be seen.
        ChildProcess.Shell("mkdir new; echo new > new/g; chmod 644 new; mv d old", tree.Path);
        host.WaitFor("file DirectoryLost ");
        ChildProcess.Shell("mv new d; ln text e/g", tree.Path);
        ChildProcess.Shell("rm e/f; ln text e/f", tree.Path);
        Eventually.True(() => host.Told($"file CloseWrite {tree.At("e/f")}").Length == 2, "the link to be told");
        Assert.Empty(host.Told($"file CloseWrite {tree.At("d/g")}"));
        ChildProcess.Shell("chmod 755 d", tree.Path);
        host.WaitFor($"file CloseWrite {tree.At("d/g")}");
        Assert.Empty(host.Told("file Degraded "));
    }

    private static HostProcess StartAsOther()
    {
        string[] prefix = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
        Assert.SkipUnless(HostProcess.IsReadableForOthers(prefix), "the programs of the tests cannot be read");
        return HostProcess.Start(prefix);
    }

    private static HostProcess StartWithMounts(TempTree tree, string setup) =>
        HostProcess.StartWithMounts($"mount -t tmpfs none {tree.Path}\ncd {tree.Path}\n{setup}");
}
