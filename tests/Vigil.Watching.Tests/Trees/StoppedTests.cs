using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>A watching process that is stopped for a while finds all at once what happened meanwhile.</summary>
public sealed class StoppedTests
{
    // More than the directories that are kept open at a time (DirectoryCache).
    private const int DirectoryCount = 200;

    [Fact]
    public void Many_directories_that_were_moved_and_changed_at_once_are_all_right()
    {
        using TempTree tree = TempTree.InMemory();
        for (int i = 0; i < DirectoryCount; i++)
        {
            tree.WriteFile($"root/p{i % 7}/d{i}/e/f", "x");
        }

        string root = tree.At("root");
        using HostProcess host = HostProcess.Start();
        host.Ask("started ", "start", root);
        host.Stop();
        for (int i = 0; i < DirectoryCount; i++)
        {
            string from = tree.At($"root/p{i % 7}/d{i}");
            string to = tree.At($"root/p{(i + 1) % 7}/m{i}");
            File.WriteAllText(from + "/before", "x");
            Directory.Move(from, to);
            File.WriteAllText(to + "/e/after", "x");
            File.Move(to + "/before", to + "/e/f", overwrite: true);
            Directory.CreateDirectory(from + "/again");
            File.WriteAllText(from + "/again/g", "x");
        }

        for (int i = 0; i < DirectoryCount; i += 3)
        {
            Directory.Move(tree.At($"root/p{(i + 1) % 7}/m{i}/e"), tree.At($"root/p{i % 7}/d{i}/again/e"));
        }

        host.Continue();
        host.Check(root);
        Assert.Equal(0, host.Statistic("Overflows"));

        // And all of them are watched where they are now.
        for (int i = 0; i < DirectoryCount; i++)
        {
            tree.WriteFile($"root/p{(i + 1) % 7}/m{i}/last", "x");
            tree.WriteFile($"root/p{i % 7}/d{i}/again/last", "x");
        }

        host.Check(root);
        host.ExpectRest();
    }
}
