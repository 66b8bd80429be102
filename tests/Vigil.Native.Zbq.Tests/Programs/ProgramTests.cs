namespace Vigil.Native.Zbq.Tests;

/// <summary>C programs that do what a test in this process could not.</summary>
public sealed class ProgramTests
{
    [Fact]
    public void Threads_come_and_go_and_a_signal_ends_a_sleep()
    {
        using ChildProcess run = ChildProcess.Start(NativeProgram.Test("threads"));
        Assert.True(run.WaitForExit() == 0, string.Join('\n', run.Errors.Lines));
    }

    [Fact]
    public void Without_descriptors_or_memory_every_call_fails_as_it_should_until_there_are_enough()
    {
        using ChildProcess run = ChildProcess.Start(NativeProgram.Test("limits"));
        Assert.True(run.WaitForExit() == 0, string.Join('\n', run.Errors.Lines));
        foreach ((string call, string[] refusals) in new[]
        {
            ("create", new[] { "-4" }), ("handshake", ["-4"]), ("join", ["-4", "-5"]),
        })
        {
            string[] statuses = [.. run.Output.Lines.Select(line => line.Split(' '))
                .Where(words => words.Length == 2 && words[0] == call).Select(words => words[1])];
            Assert.True(statuses.Length > 2, $"{call}: {string.Join(' ', statuses)}");
            Assert.Equal("0", statuses[^1]);
            Assert.All(statuses[..^1], status => Assert.Contains(status, refusals));
        }

        Assert.Equal(["create without room -2", "join without room -2"], run.Output.Lines.TakeLast(2));
    }

    [Theory]
    [InlineData("control")]
    [InlineData("ring")]
    public void To_write_where_one_may_only_read_is_a_fault(string target)
    {
        using ChildProcess run = ChildProcess.Start(NativeProgram.Test("fault"), target);
        int status = run.WaitForExit();
        Assert.Equal(["writing"], run.Output.Lines);
        Assert.Contains(status, new[] { 128 + 11, 128 + 6 }); // SIGSEGV, or the abort that the runtime makes of it
    }

    [Fact]
    public void The_times_of_the_calls_are_of_calls_that_did_their_work()
    {
        using ChildProcess run = ChildProcess.Start(NativeProgram.Test("export_times"));
        Assert.True(run.WaitForExit() == 0, string.Join('\n', run.Errors.Lines));
        Assert.Equal(15, run.Output.Lines.Count);
        foreach (string line in run.Output.Lines)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
    }
}
