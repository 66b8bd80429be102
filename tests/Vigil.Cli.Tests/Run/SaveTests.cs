using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>However a file is saved, it is one run.</summary>
public sealed class SaveTests : IDisposable
{
    private readonly RunProject _project = new();

    public SaveTests() => _project.Write("f", "one\n");

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData("echo two >> f")]
    [InlineData("echo two > f")]
    [InlineData("sed -i s/one/two/ f")]
    [InlineData("cp f .f.new && mv .f.new f")]
    [InlineData("mv f f~ && cp f~ f")]
    [InlineData("touch f")]
    [InlineData("vim -u NONE -es -c 'set backup writebackup backupcopy=yes' -c 's/one/two/' -c wq f")]
    [InlineData("vim -u NONE -es -c 'set backup writebackup backupcopy=no' -c 's/one/two/' -c wq f")]
    [InlineData("vim -u NONE -es -c 'set nobackup nowritebackup' -c 's/one/two/' -c wq f")]
    public void A_save_is_one_run(string command)
    {
        using ChildProcess run = _project.StartRecording("--postpone", "--settle", "100ms");
        _ = ChildProcess.Shell(command, _project.Root);
        Assert.Equal(["run f"], _project.WaitForRuns(1));
        Assert.Equal(["run f"], _project.EndWithSentinel());
        _project.End(run);
    }

    [Theory]
    [InlineData("echo two >> f")]
    [InlineData("echo two > f.new && mv f.new f")]
    public void With_the_usual_settling_as_well(string command)
    {
        using ChildProcess run = _project.StartRecording("--postpone");
        _ = ChildProcess.Shell(command, _project.Root);
        Assert.Equal(["run f"], _project.WaitForRuns(1));
        Assert.Equal(["run f"], _project.EndWithSentinel());
        _project.End(run);
    }

    [Fact]
    public void A_checkout_is_one_run()
    {
        _ = ChildProcess.Shell(
            "git init -q . && git config user.email a@b && git config user.name n && git add f && git commit -qm 1 "
            + "&& git checkout -q -b other && for i in 1 2 3 4 5 6 7 8 9; do echo $i > g$i; done; rm f; "
            + "git add -A . && git commit -qm 2",
            _project.Root);
        using ChildProcess run = _project.StartRecording("--postpone", "--settle", "100ms");
        _ = ChildProcess.Shell("git checkout -q -", _project.Root);
        Assert.Equal(11, _project.WaitForRuns(1)[0].Split(' ').Length);
        Assert.Single(_project.EndWithSentinel());
        _project.End(run);
    }
}
