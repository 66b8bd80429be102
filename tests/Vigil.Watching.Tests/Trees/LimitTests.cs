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

        using ChildProcess host = StartLimited("max_inotify_watches", 40);
        Send(host, "start", tree.Path);
        string degraded = Answer(host, "Degraded ");
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
        Check(host, tree);

        // What becomes free is used again: in the end everything is watched.
        for (int i = 4; i < 58; i++)
        {
            Directory.Delete(tree.At($"d{i}"), recursive: true);
        }

        Check(host, tree);
        Eventually.Passes(
            () =>
            {
                Send(host, "statistics");
                string statistics = Answer(host, "statistics ");
                Assert.Contains("PolledDirectories = 0", statistics, StringComparison.Ordinal);
            },
            "the watches that became free to be used");
        tree.WriteFile("d0/e/last");
        Check(host, tree);
    }

    [Fact]
    public void A_root_without_any_watch_is_polled()
    {
        using var tree = new TempTree();
        tree.WriteFile("a/b");
        using ChildProcess host = StartLimited("max_inotify_watches", 0);
        Send(host, "start", tree.Path);
        Answer(host, "Degraded ");
        tree.WriteFile("a/c");
        tree.WriteFile("d/e/f");
        File.Delete(tree.At("a/b"));
        Check(host, tree);
    }

    [Fact]
    public void Without_an_instance_the_error_names_limit_value_use_and_remedy()
    {
        using var tree = new TempTree();
        using ChildProcess host = StartLimited("max_inotify_instances", 0);
        Send(host, "start", tree.Path);
        string error = Answer(host, "error ");
        Assert.Contains("inotify_init1", error, StringComparison.Ordinal);
        Assert.Contains("user.max_inotify_instances is 0", error, StringComparison.Ordinal);
        Assert.Contains("in use", error, StringComparison.Ordinal);
        Assert.Contains("raise it", error, StringComparison.Ordinal);
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
        Assert.SkipUnless(IsReadableForOthers(prefix[..4]), "the programs of the tests cannot be read by another user");
        using ChildProcess host = Sibling.Start(prefix, "Vigil.TreeHost");
        Send(host, "start", tree.Path);
        string error = Answer(host, "error ");
        string limit = File.ReadAllText("/proc/sys/fs/inotify/max_user_instances").Trim();
        Assert.Contains($"fs.inotify.max_user_instances is {limit}", error, StringComparison.Ordinal);
        Assert.Contains($"in use by this user: {limit}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pseudo_file_system_is_polled_and_that_is_said()
    {
        using var tree = new TempTree();
        using ChildProcess host = Sibling.Start("Vigil.TreeHost");
        Send(host, "start", "/proc/self/task");
        string degraded = Answer(host, "Degraded ");
        Assert.Contains("without change events", degraded, StringComparison.Ordinal);
        Send(host, "statistics");
        host.Output.WaitForLine(
            line => line.Contains("WatchedDirectories = 0", StringComparison.Ordinal), "that nothing is watched");
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
        Assert.SkipUnless(IsReadableForOthers(prefix), "the programs of the tests cannot be read by another user");
        using ChildProcess host = Sibling.Start(prefix, "Vigil.TreeHost");
        Send(host, "start", tree.Path);
        string degraded = Answer(host, "Degraded ");
        Assert.Contains(tree.At("closed"), degraded, StringComparison.Ordinal);
        Assert.Contains("may not be read", degraded, StringComparison.Ordinal);
        tree.WriteFile("open/c");
        Assert.Equal(5, Count(host, tree));

        ChildProcess.Shell("chmod 755 closed", tree.Path);
        Check(host, tree);
        tree.WriteFile("closed/d");
        Check(host, tree);
    }

    private static ChildProcess StartLimited(string limit, int value)
    {
        using ChildProcess probe = ChildProcess.Start("unshare", "-Ur", "true");
        Assert.SkipUnless(probe.WaitForExit() == 0, "user namespaces are not allowed here");
        string set = string.Create(
            CultureInfo.InvariantCulture, $"echo {value} > /proc/sys/user/{limit} && exec \"$@\"");
        return Sibling.Start(["unshare", "-Ur", "sh", "-c", set, "sh"], "Vigil.TreeHost");
    }

    private static bool IsReadableForOthers(string[] prefix)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Vigil.TreeHost.dll");
        string[] words = [.. prefix, "test", "-r", program, "-a", "-x", Sibling.Dotnet];
        using ChildProcess probe = ChildProcess.Start(words[0], words[1..]);
        return probe.WaitForExit() == 0;
    }

    private static void Send(ChildProcess host, params string[] words)
    {
        host.Input.WriteLine(string.Join('\t', words));
        host.Input.Flush();
    }

    private static string Answer(ChildProcess host, string start) => host.Output.WaitForLine(
        line => line.StartsWith(start, StringComparison.Ordinal), $"a line that starts with '{start}'");

    private static void Check(ChildProcess host, TempTree tree)
    {
        int count = Count(host, tree);
        string[] wrong = [.. host.Output.Lines.Where(line => line.StartsWith("wrong ", StringComparison.Ordinal))];
        Assert.True(wrong.Length == 0, $"of {count} entries:\n  {string.Join("\n  ", wrong)}");
    }

    private static int Count(ChildProcess host, TempTree tree)
    {
        Send(host, "check", tree.Path);
        string line = Answer(host, "checked ");
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
