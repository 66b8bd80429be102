namespace Vigil.IO.Tests;

/// <summary>Which way is taken, why, and how it is chosen.</summary>
[Collection(nameof(Alone))]
public sealed class BackendTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task Here_it_is_io_uring_and_nothing_is_fallen_back_from()
    {
        Assert.Equal(FileBackend.IoUring, Files.ResolveBackend());
        Assert.Equal((FileBackend.IoUring, null), (Files.ActiveBackend, Files.FallbackReason));
        await FileEngine.Shared.DisposeAsync();
        Assert.NotEmpty(await Files.ReadAllBytesAsync("/proc/self/status", 1 << 20));
    }

    [Theory]
    [InlineData(1, "EPERM")]
    [InlineData(38, "ENOSYS")]
    [InlineData(13, "EACCES")]
    public void Refused_by_a_filter_of_system_calls_it_is_threads_and_says_why(int errno, string name)
    {
        using ChildProcess host = HostProcess.Start("refused", _tree.Path, $"{errno}");
        Assert.Equal(0, host.WaitForExit());
        string[] lines = [.. host.Output.Lines];
        Assert.StartsWith("Threads io_uring_setup: ", lines[0]);
        Assert.Contains($"({name})", lines[0]);
        Assert.Contains("use threads", lines[0]);
        Assert.Equal(["read 300000", $"many {50 * 300_000}", $"forced {name}"], lines[1..]);
    }

    [Theory]
    [InlineData(24, "EMFILE")]
    [InlineData(12, "ENOMEM")]
    public void A_lack_that_passes_is_an_error_and_no_reason_to_do_without(int errno, string name)
    {
        using ChildProcess host = HostProcess.Start("lacking", $"{errno}");
        Assert.Equal(0, host.WaitForExit());
        Assert.Equal([$"told {name}"], host.Output.Lines);
    }

    [Theory]
    [InlineData("auto", "IoUring -")]
    [InlineData("IoUring", "IoUring -")]
    [InlineData("threads", "Threads -")]
    [InlineData("Inline", "Inline -")]
    [InlineData("", "IoUring -")]
    public void A_variable_chooses(string value, string answer)
    {
        using ChildProcess host = HostProcess.StartWith(FileEngineOptions.Variable, value, "backend");
        Assert.Equal(0, host.WaitForExit());
        Assert.Equal([answer], host.Output.Lines);
    }

    [Fact]
    public void A_variable_that_names_nothing_is_an_error()
    {
        using ChildProcess host = HostProcess.StartWith(FileEngineOptions.Variable, "fast", "backend");
        Assert.Equal(1, host.WaitForExit());
        Assert.Contains("VIGIL_FILES_BACKEND is 'fast'", Assert.Single(host.Output.Lines));
    }

    [Fact]
    public async Task To_look_at_the_backend_makes_nothing_and_refuses_nothing()
    {
        var engine = new FileEngine(new() { Backend = FileBackend.Auto });
        int rings = Descriptors.Count("anon_inode:[io_uring]");
        Assert.Equal((FileBackend.Auto, null), (engine.ActiveBackend, engine.FallbackReason));
        Assert.Equal(rings, Descriptors.Count("anon_inode:[io_uring]"));
        Assert.Equal(FileBackend.IoUring, engine.ResolveBackend());
        Assert.Equal(rings + 1, Descriptors.Count("anon_inode:[io_uring]"));
        await engine.DisposeAsync();
        Assert.Equal((FileBackend.IoUring, null), (engine.ActiveBackend, engine.FallbackReason));
        Assert.Throws<ObjectDisposedException>(() => engine.ResolveBackend());
    }

    [Fact]
    public async Task A_setting_of_the_runtime_chooses_and_an_option_more_so()
    {
        AppContext.SetData(FileEngineOptions.Setting, "threads");
        try
        {
            await using var set = new FileEngine();
            await using var asked = new FileEngine(new() { Backend = FileBackend.Inline });
            Assert.Equal((FileBackend.Threads, FileBackend.Inline), (set.ActiveBackend, asked.ActiveBackend));
            Assert.Equal((FileBackend.Threads, FileBackend.Inline), (set.ResolveBackend(), asked.ResolveBackend()));
        }
        finally
        {
            AppContext.SetData(FileEngineOptions.Setting, null);
        }
    }
}
