namespace Vigil.Native.Inotify.Tests;

/// <summary>What the library does in a C program: programs/events.c and programs/trees.c, check by check.</summary>
public sealed class CheckTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("one-buffer")]
    [InlineData("all-lengths")]
    [InlineData("no-name-and-ignored")]
    [InlineData("overflow")]
    [InlineData("refusals")]
    [InlineData("blocking")]
    [InlineData("threads")]
    [InlineData("nested")]
    [InlineData("fork-and-exec")]
    [InlineData("broken-pipes")]
    [InlineData("million")]
    public void Events(string check) => Check("events", check);

    [Theory]
    [InlineData("order")]
    [InlineData("descriptor")]
    [InlineData("small-buffers")]
    [InlineData("eager")]
    [InlineData("options")]
    [InlineData("option-sizes")]
    [InlineData("refusals")]
    [InlineData("add-and-remove")]
    [InlineData("close-while-waiting")]
    [InlineData("close-while-syncing")]
    [InlineData("interrupted")]
    [InlineData("closed-library")]
    [InlineData("texts")]
    [InlineData("positions")]
    public void Trees(string check) => Check("trees", check);

    private void Check(string program, string check)
    {
        using ChildProcess run = Installed.Start(Installed.TestProgram(program), check, _tree.Path);
        int status = run.WaitForExit(TimeSpan.FromMinutes(3));
        Assert.True(status == 0, $"{check} ended with {status}:\n{string.Join('\n', run.Errors.Lines)}");
        foreach (string line in run.Output.Lines)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
    }
}
