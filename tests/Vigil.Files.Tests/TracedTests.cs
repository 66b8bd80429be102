namespace Vigil.IO.Tests;

/// <summary>Calls in their order, and calls that are refused once or interrupted: strace(1) shows and does
/// it.</summary>
public sealed class TracedTests : IDisposable
{
    private const string Old = "something longer";

    private readonly TempTree _tree = new();
    private readonly TempTree _log = new();

    public void Dispose()
    {
        _tree.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void An_atomic_write_is_on_the_disk_before_its_name_is_and_then_the_name_is()
    {
        string[] calls = Trace(
            ["shorter", "replaced"],
            ["-y", "-e", "trace=pwrite64,pwritev2,fsync,rename,renameat,renameat2"],
            "written",
            Prepare());
        string temporary = $"<{_tree.Path}/.vigil-";
        string[] steps = [.. calls
            .Where(call => call.Contains(_tree.Path, StringComparison.Ordinal))
            .SkipWhile(call => !call.Contains(temporary, StringComparison.Ordinal))
            .Select(call => call[..call.IndexOf('(')].TrimEnd('2') + Where(call))];
        Assert.Equal(["pwritev new", "fsync new", "renameat directory", "fsync directory"], steps);

        string Where(string call) => call.Contains(temporary, StringComparison.Ordinal) ? " new"
            : call.Contains($"<{_tree.Path}>", StringComparison.Ordinal) ? " directory"
            : " other";
    }

    // Of each thread the first call and every second one from then on: the file's, then the directory's.
    [Theory]
    [InlineData("fsync", "1+2")]
    [InlineData("ftruncate", "1")]
    [InlineData("pwritev2", "1+2")]
    public void What_a_signal_interrupts_is_done_again(string call, string when)
    {
        string[] calls = Trace(
            ["shorter", "replaced"],
            ["-e", $"trace={call}", "-e", $"inject={call}:error=EINTR:when={when}"],
            "written",
            Prepare());
        Assert.Contains(calls, line => line.Contains("EINTR", StringComparison.Ordinal));
    }

    // Only calls with this path, or with a descriptor of it, count: the new file in the directory; the directory.
    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public void An_open_that_a_signal_interrupts_is_done_again(string end)
    {
        string[] calls = Trace(
            ["shorter", "replaced"],
            ["-P", _tree.Path + end, "-e", "trace=openat", "-e", "inject=openat:error=EINTR:when=1"],
            "written",
            Prepare());
        Assert.Contains(calls, line => line.Contains("EINTR", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_kernel_refuses_to_take_for_now_is_submitted_when_something_has_completed()
    {
        string[] calls = Trace(
            ["one 1", "other 1"],
            ["-e", "trace=io_uring_enter", "-e", "inject=io_uring_enter:error=EAGAIN:when=2"],
            "refusedonce");
        Assert.Contains(calls, line => line.Contains("EAGAIN", StringComparison.Ordinal));
    }

    private string Prepare()
    {
        File.WriteAllText(_tree.At("file"), Old);
        return _tree.Path;
    }

    // What the part says is as expected; the calls are given back, without the number of the thread before them.
    private string[] Trace(string[] said, string[] options, params string[] words)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not here");
        string log = _log.At("log");
        using ChildProcess host = ChildProcess.Start(
            "strace", ["-f", "-qq", "-o", log, .. options, .. HostProcess.Command(words)], null);
        int status = host.WaitForExit(TimeSpan.FromSeconds(60));
        Assert.True(status == 0, $"{status}: {string.Join('\n', [.. host.Output.Lines, .. host.Errors.Lines])}");
        Assert.Equal(said, host.Output.Lines);
        return [.. File.ReadLines(log).Select(line => line[(line.IndexOf(' ') + 1)..].TrimStart())];
    }
}
