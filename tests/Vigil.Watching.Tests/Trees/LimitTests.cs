using System.Globalization;
using System.Runtime.InteropServices;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// What a watcher does where the kernel gives it less than it wants. It runs in a process of its own, in a user
/// namespace of its own, which has limits of its own (user.max_inotify_watches and -instances, namespaces(7)): nothing
/// of the machine is changed and nothing has to be restored.
/// </summary>
public sealed class LimitTests
{
    [Fact]
    public void Beyond_the_limit_of_watches_the_tree_is_polled_and_that_is_said()
    {
        using var tree = new TempTree();
        for (int i = 0; i < 60; i++)
        {
            tree.WriteFile($"d{i}/e/f");
        }

        using HostProcess host = HostProcess.StartLimited("max_inotify_watches", 40);
        host.Send("start", tree.Path);
        string degraded = host.Answer("Degraded ");
        Assert.Contains("user.max_inotify_watches is 40", degraded, StringComparison.Ordinal);
        Assert.Contains("sysctl", degraded, StringComparison.Ordinal);
        Assert.Contains(tree.Path, degraded, StringComparison.Ordinal);

        // Changes everywhere, those parts that are polled included; new directories, too.
        for (int i = 0; i < 60; i += 7)
        {
            tree.WriteFile($"d{i}/e/g/h/new", "x");
            File.Delete(tree.At($"d{i}/e/f"));
        }

        Directory.Move(tree.At("d1"), tree.At("d2/e/moved"));
        Directory.Delete(tree.At("d3"), recursive: true);
        host.Check(tree.Path);

        // What becomes free is used again: in the end everything is watched.
        for (int i = 4; i < 58; i++)
        {
            Directory.Delete(tree.At($"d{i}"), recursive: true);
        }

        host.Check(tree.Path);
        Eventually.Passes(
            () => Assert.Equal(0, host.Statistic("PolledDirectories")), "the watches that became free to be used");
        tree.WriteFile("d0/e/last");
        host.Check(tree.Path);
    }

    [Fact]
    public void A_root_without_any_watch_is_polled()
    {
        using var tree = new TempTree();
        tree.WriteFile("a/b");
        using HostProcess host = HostProcess.StartLimited("max_inotify_watches", 0);
        host.Send("start", tree.Path);
        host.Answer("Degraded ");
        tree.WriteFile("a/c");
        tree.WriteFile("d/e/f");
        File.Delete(tree.At("a/b"));
        host.Check(tree.Path);
    }

    [Fact]
    public void Without_an_instance_the_error_names_limit_value_use_and_remedy()
    {
        using var tree = new TempTree();
        using HostProcess host = HostProcess.StartLimited("max_inotify_instances", 0);
        host.Send("start", tree.Path);
        string error = host.Answer("error ");
        Assert.Contains("inotify_init1", error, StringComparison.Ordinal);
        Assert.Contains("user.max_inotify_instances is 0", error, StringComparison.Ordinal);
        Assert.Contains("in use", error, StringComparison.Ordinal);
        Assert.Contains("raise it", error, StringComparison.Ordinal);

        // What is given is used, and every instance comes back in time for the next watcher.
        host.Shell("echo 1 > /proc/sys/user/max_inotify_instances");
        for (int i = 0; i < 10; i++)
        {
            host.Ask("started ", "start", tree.Path);
            tree.WriteFile($"d{i}/f");
            host.Check(tree.Path);
            host.Ask("stopped", "stop");
        }
    }

    [Fact]
    public void With_few_descriptors_a_start_says_so_or_watches_everything()
    {
        using var tree = new TempTree();
        for (int i = 0; i < 5; i++)
        {
            tree.WriteFile($"a{i}/b/c/d");
        }

        using HostProcess host = StartWithFewDescriptors();

        // What the program itself needs descriptors for is loaded by this.
        host.Ask("started ", "start", tree.Path);
        host.Check(tree.Path);
        host.Ask("stopped", "stop");
        for (int left = 12; left >= 0; left--)
        {
            host.Ask("holds ", "hold", left.ToString(CultureInfo.InvariantCulture));
            host.Send("start", tree.Path);
            string answer = host.AnswerOrError("started ");
            host.Ask("released", "release");
            if (answer.StartsWith("error ", StringComparison.Ordinal))
            {
                Assert.Contains("ulimit -n", answer, StringComparison.Ordinal);
                Assert.True(left < 8, $"{left} descriptors should do: {answer}");
                continue;
            }

            tree.WriteFile($"a1/b/{left}/f");
            host.Check(tree.Path);
            host.Ask("stopped", "stop");
        }

        // A start that failed keeps nothing that the next one needs.
        host.Ask("started ", "start", tree.Path);
        host.Check(tree.Path);
    }

    [Fact]
    public void Without_a_descriptor_new_directories_are_polled_until_there_is_one()
    {
        using var tree = new TempTree();
        tree.WriteFile("a/b/c");
        using HostProcess host = StartWithFewDescriptors();
        host.Send("option", "own-thread");
        host.Ask("started ", "start", tree.Path);

        // What the program needs descriptors for is loaded by this.
        tree.WriteFile("warm/up");
        host.Check(tree.Path);
        host.Ask("holds ", "hold", "0");
        for (int i = 0; i < 100; i++)
        {
            tree.WriteFile($"new{i}/d/e", "x");
        }

        Directory.Move(tree.At("a"), tree.At("new7/a"));
        File.Delete(tree.At("new7/a/b/c"));
        host.WaitFor("Degraded ");
        Assert.Contains("TooManyOpen", host.Told("Degraded ")[0], StringComparison.Ordinal);
        host.ExpectRest();
        host.Ask("released", "release");
        host.Check(tree.Path);
        Eventually.Passes(() => Assert.Equal(0, host.Statistic("PolledDirectories")), "everything to be watched");
        tree.WriteFile("new3/d/f/g");
        tree.WriteFile("new7/a/b/h");
        host.Check(tree.Path);
        Assert.Empty(host.Told("Gone "));
        Assert.Empty(host.Told("ended"));
    }

    [Fact]
    public void Where_a_user_has_all_instances_the_error_names_the_machines_limit()
    {
        using TempTree tree = TempTree.InMemory();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may be another user");
        Assert.SkipUnless(ScriptRun.Exists("perl"), "perl is not installed");

        // A user that nobody is takes as many instances as there may be, and becomes the host.
        int inotifyInit = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 26 : 294;
        string take = string.Create(
            CultureInfo.InvariantCulture, $"1 while syscall({inotifyInit}, 0) >= 0; exec @ARGV");
        string[] prefix = ["setpriv", "--reuid=61234", "--regid=61234", "--clear-groups", "perl", "-e", take];
        bool isReadable = HostProcess.IsReadableForOthers(prefix[..4]);
        Assert.SkipUnless(isReadable, "the programs of the tests cannot be read by another user");
        using HostProcess host = HostProcess.Start(prefix);
        host.Send("start", tree.Path);
        string error = host.Answer("error ");
        string limit = File.ReadAllText("/proc/sys/fs/inotify/max_user_instances").Trim();
        Assert.Contains($"fs.inotify.max_user_instances is {limit}", error, StringComparison.Ordinal);
        Assert.Contains($"in use by this user: {limit}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pseudo_file_system_is_polled_and_that_is_said()
    {
        using var tree = new TempTree();
        using HostProcess host = HostProcess.Start();
        host.Send("start", "/proc/self/task");
        string degraded = host.Answer("Degraded ");
        Assert.Contains("without change events", degraded, StringComparison.Ordinal);
        Assert.Equal(0, host.Statistic("WatchedDirectories"));
    }

    [Fact]
    public void What_may_not_be_read_is_left_out_until_it_may()
    {
        using TempTree tree = TempTree.InMemory();
        tree.WriteFile("open/a");
        tree.WriteFile("closed/b");
        ChildProcess.Shell("chmod 777 . open closed; chmod 000 closed", tree.Path);

        // Root reads everything, so the watcher is somebody else; where the tests are not root, it is us.
        string[] prefix = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
        Assert.SkipUnless(HostProcess.IsReadableForOthers(prefix), "the programs of the tests may not be read");
        using HostProcess host = HostProcess.Start(prefix);
        host.Send("start", tree.Path);
        string degraded = host.Answer("Degraded ");
        Assert.Contains(tree.At("closed"), degraded, StringComparison.Ordinal);
        Assert.Contains("may not be read", degraded, StringComparison.Ordinal);
        tree.WriteFile("open/c");
        Assert.Equal(5, host.Check(tree.Path));

        ChildProcess.Shell("chmod 755 closed", tree.Path);
        host.Check(tree.Path);
        tree.WriteFile("closed/d");
        host.Check(tree.Path);
    }

    [Fact]
    public void A_root_that_cannot_be_looked_at_is_not_gone()
    {
        using TempTree tree = TempTree.InMemory();
        string above = tree.MakeDirectory("above");
        string root = tree.MakeDirectory("above/root");
        tree.WriteFile("above/root/d/a");
        tree.MakeDirectory("above/root/closed");
        ChildProcess.Shell("chmod 777 . above above/root above/root/d; chmod 000 above/root/closed", tree.Path);
        string[] prefix = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
        Assert.SkipUnless(HostProcess.IsReadableForOthers(prefix), "the programs of the tests may not be read");
        using HostProcess host = HostProcess.Start(prefix);
        host.Send("option", "poll", "250");
        host.Ask("started ", "start", root);

        // A part that is polled has the roots looked at each time.
        host.WaitFor("Degraded ");
        ChildProcess.Shell($"cd root && exec 3>d/b && chmod 000 '{above}' && echo 1 >&3", above);
        for (int i = 0; i < 5; i++)
        {
            host.Ask("synced", "sync");
        }

        host.ExpectRest();
        Assert.Empty(host.Told("Gone "));
        Assert.Empty(host.Told("ended"));
        Assert.Equal(0, host.Statistic("Overflows"));
        ChildProcess.Shell("chmod 755 above && cd above/root && chmod 755 closed && touch d/c closed/d", tree.Path);
        host.Check(root);
        Eventually.Passes(() => Assert.Equal(0, host.Statistic("PolledDirectories")), "everything to be watched");
        tree.WriteFile("above/root/closed/e");
        host.Check(root);
    }

    // The runtime compiles again on a thread of its own, and ends the process where it gets no descriptors for that.
    private static HostProcess StartWithFewDescriptors() => HostProcess.Start(
        "sh", "-c", "export DOTNET_TieredCompilation=0; ulimit -n 300 && exec \"$@\"", "sh");
}
