using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>The published command, run to its end.</summary>
internal sealed record CommandRun(int Status, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    internal static CommandRun Of(params string[] arguments) => In(null, arguments);

    internal static CommandRun In(string? directory, params string[] arguments)
    {
        using ChildProcess process = Start(directory, arguments);
        return End(process);
    }

    internal static ChildProcess Start(string? directory, params string[] arguments) =>
        ChildProcess.Start(PublishedBinary.Path, arguments, directory);

    internal static CommandRun End(ChildProcess process)
    {
        int status = process.WaitForExit();
        return new CommandRun(status, process.Output.WaitForEnd(), process.Errors.WaitForEnd());
    }

    /// <summary>It ended with that status, printed nothing, and said exactly one line.</summary>
    internal void ExpectOneLine(int status, string part)
    {
        Assert.Empty(Output);
        string line = Assert.Single(Errors);
        Assert.StartsWith("vigil: ", line);
        Assert.Contains(part, line);
        Assert.Equal(status, Status);
    }
}
