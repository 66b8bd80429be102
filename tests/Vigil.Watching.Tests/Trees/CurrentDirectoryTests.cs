using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>A process whose current directory was deleted can still watch what it names by an absolute path.</summary>
public sealed class CurrentDirectoryTests
{
    [Fact]
    public void Without_a_current_directory_absolute_paths_are_watched_and_relative_ones_refused()
    {
        using var tree = new TempTree();
        string current = tree.MakeDirectory("current");
        string root = tree.MakeDirectory("root");
        using HostProcess host = HostProcess.StartIn(current);
        host.Ask("good", "path", ".");
        Directory.Delete(current);

        host.Ask("good", "path", root);
        host.Ask("started ", "start", root);
        tree.WriteFile("root/a/b");
        host.Check(root);
        host.Ask("logged", "log");
        Assert.Contains($"log created  {root}/a/b", host.Told("log "));
        Assert.Contains("ENOENT", host.Refused("path", tree.At("none")), StringComparison.Ordinal);

        foreach (string command in new[] { "path", "add", "remove", "start" })
        {
            string error = host.Refused(command, "relative");
            Assert.StartsWith("error getcwd(relative): ", error, StringComparison.Ordinal);
            Assert.Contains("the current directory was deleted; give an absolute", error, StringComparison.Ordinal);
        }

        tree.WriteFile("root/c");
        host.Check(root);
    }
}
