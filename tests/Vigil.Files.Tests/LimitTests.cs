namespace Vigil.IO.Tests;

/// <summary>No room, on the disk or in the limits of a process: what is refused, and what is there
/// afterwards.</summary>
public sealed class LimitTests : IDisposable
{
    private readonly TempTree _tree = new();

    public static TheoryData<FileBackend> Backends => [.. Enum.GetValues<FileBackend>()];

    public void Dispose() => _tree.Dispose();

    // The mount is in a namespace of the child's own, and gone with it.
    [Theory]
    [MemberData(nameof(Backends))]
    public void A_full_file_system_leaves_the_old_content_whole_where_that_was_promised(FileBackend backend)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root mounts file systems");
        Expect(
            "ENOSPC",
            HostProcess.StartAfter(
                $"mount -t tmpfs -o size=256k none '{_tree.Path}'", "limited", _tree.Path, $"{backend}", "1000000"));
        Assert.Empty(Directory.GetFileSystemEntries(_tree.Path));
    }

    // Who does not ignore the signal SIGXFSZ, which goes with the error, is killed by it: setrlimit(2).
    [Theory]
    [MemberData(nameof(Backends))]
    public void A_limit_of_the_process_leaves_the_old_content_whole_where_that_was_promised(FileBackend backend)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root has a namespace of its own");
        Expect(
            "EFBIG",
            HostProcess.StartAfter(
                "trap '' XFSZ; ulimit -f 128", "limited", _tree.Path, $"{backend}", "100000"));
        Assert.Equal("old", File.ReadAllText(_tree.At("file")));
    }

    private static void Expect(string errno, ChildProcess host)
    {
        using (host)
        {
            int status = host.WaitForExit();
            Assert.True(status == 0, $"{status}: {string.Join('\n', [.. host.Output.Lines, .. host.Errors.Lines])}");
            string[] lines = [.. host.Output.Lines];
            Assert.Equal(3, lines.Length);

            // The error names the file; what promises nothing has written a part.
            Assert.Equal($"InPlace {errno} True part file", lines[0]);
            Assert.Equal($"Truncate {errno} True part file", lines[1]);

            // The old content and nothing else in the directory.
            Assert.Equal($"Atomic {errno} True old file", lines[2]);
        }
    }
}
