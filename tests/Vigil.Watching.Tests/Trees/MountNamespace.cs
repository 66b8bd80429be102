using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// A mount namespace for one process: what is mounted there nobody else sees, and it is gone with the process. Whoever
/// is not root may mount in a user namespace of their own.
/// </summary>
internal static class MountNamespace
{
    private static readonly Lazy<string[]?> Found = new(Find);

    /// <summary>The words that start a program in one.</summary>
    internal static string[] Command
    {
        get
        {
            Assert.SkipUnless(Found.Value is not null, "mount namespaces are not allowed here");
            return Found.Value!;
        }
    }

    private static string[]? Find()
    {
        string[][] commands = [["unshare", "-m"], ["unshare", "-Urm"]];
        return commands.FirstOrDefault(command =>
        {
            string[] words = [.. command, "mount", "-t", "tmpfs", "none", "/dev/shm"];
            using ChildProcess probe = ChildProcess.Start(words[0], words[1..]);
            return probe.WaitForExit() == 0;
        });
    }
}
