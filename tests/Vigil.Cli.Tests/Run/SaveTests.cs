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
    public void A_save_is_one_run(string command) => ExpectOneRun(command, 100, "--postpone", "--settle", "100ms");

    [Theory]
    [InlineData("echo two >> f")]
    [InlineData("echo two > f.new && mv f.new f")]
    public void With_the_usual_settling_as_well(string command) => ExpectOneRun(command, 50, "--postpone");

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

    // A save that takes longer than changes settle is more than one: on a busy machine it is done again.
    private static void ExpectOneRun(string command, int settleMs, params string[] options)
    {
        const int MostTries = 50;
        for (int i = 0; i < MostTries; i++)
        {
            using var project = new RunProject();
            project.Write("f", "one\n");
            using ChildProcess run = project.StartRecording(options);
            long begun = Environment.TickCount64;
            _ = ChildProcess.Shell(command, project.Root);
            bool isQuick = Environment.TickCount64 - begun < settleMs;
            string[] first = project.WaitForRuns(1), all = project.EndWithSentinel();
            project.End(run);
            if (isQuick)
            {
                Assert.Equal(["run f"], first);
                Assert.Equal(["run f"], all);
                return;
            }
        }

        Assert.Fail($"{MostTries} times the save took {settleMs} ms or longer");
    }
}
