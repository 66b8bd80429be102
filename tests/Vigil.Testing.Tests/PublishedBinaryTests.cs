namespace Vigil.Testing.Tests;

public sealed class PublishedBinaryTests
{
    [Fact]
    public void The_published_command_is_found_from_the_tests() =>
        Assert.Equal(RepositoryRoot.Combine("artifacts", "publish", "vigil", "vigil"), PublishedBinary.Path);

    [Fact]
    public void The_command_starts_through_a_link_and_from_elsewhere_with_its_own_status()
    {
        using var tree = new TempTree();
        File.CreateSymbolicLink(tree.At("v"), RepositoryRoot.Combine("vigil"));
        using ChildProcess direct = PublishedBinary.Start("--no-such-option");
        int status = direct.WaitForExit();
        Assert.NotEqual(0, status);

        using ChildProcess linked = ChildProcess.Start("./v", ["--no-such-option"], tree.Path);
        Assert.Equal(status, linked.WaitForExit(TimeSpan.FromMinutes(5))); // it builds if the sources changed since
        Assert.Equal(direct.Output.Lines, linked.Output.Lines);
    }
}
