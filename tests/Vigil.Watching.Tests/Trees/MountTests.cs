using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Mounts of every kind, in a mount namespace of the watcher's own, on a tmpfs that is only there.</summary>
public sealed class MountTests
{
    // A FUSE file system whose server is gone before it answered anything: every call on it gives ENOTCONN.
    private const string MountDead = "dead() { exec 3<>/dev/fuse; "
        + "mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none $1; exec 3>&-; }; ";

    [Theory]
    [InlineData(":")]
    [InlineData("mount -t tmpfs none lower")]
    public void What_overlayfs_copies_up_stays_in_the_mirror(string mountLower)
    {
        using var tree = new TempTree();
        using HostProcess host = Start(tree, $"""
            mkdir lower upper work root
            {mountLower}
            mkdir -p lower/d/e lower/gone
            echo 1 > lower/d/f; echo 1 > lower/d/e/g; echo 1 > lower/h
            layers=lowerdir=lower,upperdir=upper,workdir=work
            mount -t overlay -o $layers,redirect_dir=on none root 2>&- ||
                mount -t overlay -o $layers,userxattr none root
            """);
        string root = tree.At("root");
        host.Ask("started ", "start", root);
        host.Check(root);
        string[] steps =
        [
            "echo 2 >> d/f",
            "exec 3<>h; echo 3 >&3",
            "touch d/e/g; chmod 600 d/e/g",
            "mv d/e d/i",
            "echo 4 >> d/i/g; echo 5 > d/i/new",
            "rmdir gone; mkdir gone; echo 6 > gone/j",
            "mv d k; mv k/i gone/i",
            "ln k/f k/l; rm h; mkdir h; echo 7 > h/m",
        ];
        foreach (string step in steps)
        {
            host.Shell($"cd {root}; {step}");
            host.Check(root);
        }

        host.ExpectRest();
        Assert.Equal(0, host.Statistic("Overflows"));
        Assert.Equal(0, host.Statistic("PolledDirectories"));
        Assert.Empty(host.Told("Degraded "));
    }

    [Fact]
    public void Dead_mounts_are_told_and_looked_at_now_and_then()
    {
        using var tree = new TempTree();
        using HostProcess host = StartWithDead(tree, """
            mkdir -p root/1 root/2 root/3 root/a out/5/a out/5/b
            dead root/1; dead root/2; dead out/5/a; dead out/5/b
            """);
        string root = tree.At("root");
        host.Send("option", "poll", "250");
        host.Ask("started ", "start", root);
        host.WaitFor("Degraded ");

        // More of them while the tree is watched: over a directory with something in it, and over a new one.
        host.Shell($"{MountDead}cd {root}; mkdir 3/d; echo 1 > 3/d/e; dead 3");
        ExpectDegraded(host, root + "/3");
        host.Shell($"{MountDead}cd {root}; mkdir 4; dead 4; mkdir a/b; touch a/b/c");
        ExpectDegraded(host, root + "/4");

        // Two that come in with the directory that they are in: neither is the other one renamed.
        host.Shell($"mv {tree.Path}/out/5 {root}/5");
        ExpectDegraded(host, root + "/5");
        host.ExpectRest();
        Assert.Equal(4, host.Told("Degraded ").Length);
        Assert.Equal(0, host.Statistic("Overflows"));
        Assert.Empty(host.Told("Gone "));
        host.Ask("logged", "log");
        Assert.Empty(host.Told("log renamed"));
        Assert.Contains("log created  root/5/a", host.Lines);
        Assert.Contains("log created  root/5/b", host.Lines);

        host.Shell($"cd {root}; umount 1 2 3 4 5/a 5/b; touch 1/f 3/d/g 5/b/f; rm -r a");
        host.Check(root);
        Eventually.Passes(() => Assert.Equal(0, host.Statistic("PolledDirectories")), "everything to be watched");
        host.Shell($"cd {root}; touch 1/g 3/d/h 4/i 5/a/j");
        host.Check(root);
        host.ExpectRest();
    }

    [Fact]
    public void A_root_behind_a_dead_mount_is_not_gone()
    {
        using var tree = new TempTree();
        using HostProcess host = StartWithDead(tree, "mkdir -p root/a; touch root/a/f");
        string root = tree.At("root");
        host.Send("option", "poll", "250");
        host.Ask("started ", "start", root);
        host.Shell($"{MountDead}cd {tree.Path}; dead root");
        host.WaitFor("Degraded ");
        host.ExpectRest();
        Assert.Single(host.Told("Degraded "));
        Assert.Equal(0, host.Statistic("Overflows"));
        host.Shell($"cd {tree.Path}; umount root; touch root/a/g; mkdir root/b");
        host.Check(root);
        Eventually.Passes(() => Assert.Equal(0, host.Statistic("PolledDirectories")), "everything to be watched");
        host.Shell($"cd {root}; touch a/h b/i");
        host.Check(root);
        Assert.Empty(host.Told("Gone "));
        Assert.Contains("ENOTCONN", StartOnDead(host, tree), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("umount")]
    [InlineData("umount -l")]
    public void What_is_unmounted_in_the_tree_is_told_once(string unmount)
    {
        using var tree = new TempTree();
        using HostProcess host = Start(
            tree, "mkdir -p root/m/below; mount -t tmpfs none root/m; mkdir root/m/d; touch root/m/d/f");
        string root = tree.At("root");
        host.Ask("started ", "start", root);
        host.Check(root);
        Unmount(host, $"{unmount} {root}/m");
        host.Check(root);
        host.ExpectRest();
        Assert.Empty(host.Told("Gone "));
        Assert.Equal(0, host.Statistic("Overflows"));
        host.Shell($"cd {tree.Path}; touch root/m/below/new");
        host.Check(root);
    }

    [Theory]
    [InlineData("umount")]
    [InlineData("umount -l")]
    public void A_root_that_is_unmounted_is_gone(string unmount)
    {
        using var tree = new TempTree();
        using HostProcess host = Start(
            tree, "mkdir -p root/below; mount -t tmpfs none root; mkdir root/d; touch root/f");
        string root = tree.At("root");
        host.Ask("started ", "start", root);
        Unmount(host, $"{unmount} {root}");
        host.WaitFor("ended");
        Assert.Single(host.Told("Gone "));

        // One that is waited for comes back as what is below, and once more as what is mounted again.
        host.Shell($"cd {tree.Path}; mount -t tmpfs none root; mkdir root/e");
        host.Send("option", "wait-for-roots");
        host.Ask("started ", "start", root);
        Unmount(host, $"{unmount} {root}");
        Eventually.Passes(() => host.Check(root), "the directory below the mount to be watched");
        host.ExpectRest();
        host.Shell($"cd {tree.Path}; mount -t tmpfs none root; mkdir -p root/g/h");
        Eventually.Passes(() => host.Check(root), "the new mount to be watched");
        Assert.Equal(3, host.Told("Gone ").Length);
    }

    [Fact]
    public void Mounts_below_a_root_that_is_a_link_are_noticed()
    {
        using var tree = new TempTree();
        using HostProcess host = Start(tree, "mkdir -p real/d/e; touch real/d/e/below; ln -s real link");
        string root = tree.At("link");
        host.Ask("started ", "start", root);
        host.Shell($"cd {tree.Path}; mount -t tmpfs none real/d/e; touch real/d/e/above");
        host.Check(root);
        host.Shell($"cd {tree.Path}; touch real/d/e/more");
        host.Check(root);
        Unmount(host, $"umount {tree.Path}/real/d/e");
        host.Shell($"cd {tree.Path}; touch real/d/e/later");
        host.Check(root);
    }

    [Fact]
    public void On_one_file_system_a_mount_that_is_a_root_of_its_own_is_watched()
    {
        using var tree = new TempTree();
        using HostProcess host = Start(
            tree, "mkdir -p root/m root/n; mount -t tmpfs none root/m; mkdir root/m/d; touch root/m/d/f root/g");
        string root = tree.At("root");
        host.Send("option", "one-file-system");
        host.Ask("started ", "start", root, tree.At("root/m"));
        host.Check(root);
        host.Shell($"cd {root}; touch m/d/new n/new; mkdir m/h; touch m/h/i");
        host.Check(root);

        // The one is gone, the other has what is below.
        host.Shell($"cd {root}; umount -l m; touch m/below");
        host.WaitFor("Gone ");
        host.Check(root);
        host.Shell($"cd {root}; rm m/below; rmdir m");
        host.Check(root);
    }

    [Fact]
    public void Without_proc_the_tree_is_polled_and_that_is_said()
    {
        using var tree = new TempTree();
        using HostProcess host = Start(tree, "mkdir -p root/a; touch root/a/b");
        string root = tree.At("root");
        host.Ask("started ", "start", root);
        host.Check(root);
        host.Ask("stopped", "stop");
        host.Shell("mount -t tmpfs none /proc");
        host.Ask("started ", "start", root);
        host.WaitFor("Degraded ");
        Assert.Contains("/proc is not mounted", Assert.Single(host.Told("Degraded ")), StringComparison.Ordinal);
        host.Shell($"cd {root}; touch a/c; mkdir -p d/e; touch d/e/f; rm a/b");
        host.Check(root);
        Unmount(host, "umount /proc");
        Eventually.Passes(() => Assert.Equal(0, host.Statistic("PolledDirectories")), "everything to be watched");
        host.Shell($"cd {root}; touch d/g; mkdir h");
        host.Check(root);
    }

    // What the watcher is looking at keeps its file system busy.
    private static void Unmount(HostProcess host, string command) =>
        Eventually.Passes(() => host.Shell(command), "nothing to be open there");

    private static void ExpectDegraded(HostProcess host, string path)
    {
        host.Ask("synced", "sync");
        Assert.Contains(host.Told("Degraded "), line => line.StartsWith($"Degraded {path}:", StringComparison.Ordinal));
    }

    private static string StartOnDead(HostProcess host, TempTree tree)
    {
        host.Ask("stopped", "stop");
        host.Shell($"{MountDead}cd {tree.Path}; dead root");
        return host.Refused("start", tree.At("root"));
    }

    private static HostProcess StartWithDead(TempTree tree, string setup)
    {
        using ChildProcess probe = ChildProcess.Start("sh", "-c", "exec 3<>/dev/fuse");
        Assert.SkipUnless(probe.WaitForExit() == 0, "/dev/fuse may not be opened here");
        return Start(tree, MountDead + setup);
    }

    private static HostProcess Start(TempTree tree, string setup) =>
        HostProcess.StartWithMounts($"mount -t tmpfs none {tree.Path}\ncd {tree.Path}\n{setup}");
}
