using Microsoft.Win32.SafeHandles;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>The ways in which programs give a file new contents: each is one event that says so.</summary>
[Collection(nameof(Alone))]
public sealed class FileSaveTests : IDisposable
{
    private readonly TempTree _tree = new();
    private readonly FileLog _log = new();

    public void Dispose()
    {
        _log.Dispose();
        _tree.Dispose();
    }

    [Theory]
    [InlineData("echo new > a")]
    [InlineData("echo new >> a")]
    [InlineData(": > a")]
    [InlineData("echo new > b; mv b a")]
    [InlineData("echo new > ../b; mv ../b a")]
    [InlineData("sed -i s/old/new/ a")]
    [InlineData("cp a b; mv b a")]
    [InlineData("ln a b; echo new > c; mv c a")]
    [InlineData("cp -p b-old a")]
    [InlineData("dd if=/dev/zero of=a bs=1 count=1 conv=notrunc status=none")]
    [InlineData("mkdir c; mv -T c d; echo new > a")]
    [InlineData("exec 3>>a; echo 1 >&3; echo 2 >&3; exec 3>&-")]
    public void Every_save_is_one_event(string command)
    {
        string directory = _tree.MakeDirectory("d");
        _tree.WriteFile("d/a", "old");
        _tree.WriteFile("d/b-old", "older");
        _log.Watch(_tree.At("d/a"), "a");
        ChildProcess.Shell(command, directory);
        Assert.Equal(["CloseWrite a"], _log.Rest());
    }

    [Theory]
    [InlineData("echo new > a")]
    [InlineData("echo new > b; mv b a")]
    [InlineData("echo new > ../b; mv ../b a")]
    [InlineData("cp -p b-old a")]
    [InlineData(": > a")]
    public void Every_first_save_is_one_event(string command)
    {
        _tree.WriteFile("d/b-old", "older");
        _log.Watch(_tree.At("d/a"), "a");
        ChildProcess.Shell(command, _tree.At("d"));
        Assert.Equal(["CloseWrite a"], _log.Rest());
    }

    [Theory]
    [InlineData("mv a a~; echo new > a; rm a~")]
    [InlineData("cp a a~; rm a; echo new > a")]
    [InlineData("rm a; cp b a")]
    [InlineData("install -m 600 b a")]
    [InlineData("mv a c; mv b a")]
    public void A_save_that_takes_the_file_away_first_is_told_as_both(string command)
    {
        _tree.WriteFile("a", "old");
        _tree.WriteFile("b", "other");
        _log.Watch(_tree.At("a"), "a");
        ChildProcess.Shell(command, _tree.Path);
        Assert.Equal(["Delete a", "CloseWrite a"], _log.Rest());
    }

    [Fact]
    public void Saves_of_others_beside_it_are_not_told()
    {
        _tree.WriteFile("a");
        _log.Watch(_tree.At("a"), "a");
        ChildProcess.Shell("echo > b; mv b c; rm c; mkdir e; touch aa .a A; mv aa a.bak; ln a f; rm f", _tree.Path);
        _log.ExpectNothingElse();
    }

    [Theory]
    [InlineData("ln b a")]
    [InlineData("mkfifo a")]
    [InlineData("mkdir a")]
    [InlineData("mv c a")]
    [InlineData("ln -s b a")]
    [InlineData("exec 3>a; echo text >&3; read forever <wait")]
    public void What_appears_is_told_however_it_came(string command)
    {
        _tree.WriteFile("b", "text");
        _tree.MakeDirectory("c");
        _log.Watch(_tree.At("a"), "a");
        ChildProcess.Shell("mkfifo wait", _tree.Path);
        using ChildProcess shell = ChildProcess.Start("sh", ["-ec", command], _tree.Path);
        _log.Expect("CloseWrite a");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void A_file_without_a_name_that_is_given_one_is_told()
    {
        Assert.SkipUnless(ScriptRun.Exists("python3"), "python3 is not installed");
        _log.Watch(_tree.At("a"), "a");

        // open(2): the way to publish a file that nobody sees before it is whole.
        const string Program =
            "import os; f = os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o600); os.write(f, b'whole'); "
            + "os.link(f'/proc/self/fd/{f}', 'a', src_dir_fd=f)";
        using ChildProcess python = ChildProcess.Start("python3", ["-c", Program], _tree.Path);
        Assert.True(python.WaitForExit() == 0, string.Join('\n', python.Errors.Lines));
        _log.Expect("CloseWrite a");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void A_file_that_is_written_for_long_is_told_when_it_is_closed()
    {
        _log.Watch(_tree.At("a"), "a");
        using (SafeFileHandle file = File.OpenHandle(_tree.At("a"), FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, "1"u8, 0);
            // Nobody closed it, and it stands still: it is there, and that is told.
            _log.Expect("CloseWrite a");
            RandomAccess.Write(file, "2"u8, 1);
            _log.ExpectNothingElse();
        }

        _log.Expect("CloseWrite a");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void Writing_to_a_file_that_is_gone_is_not_told()
    {
        using (SafeFileHandle file = File.OpenHandle(_tree.At("a"), FileMode.CreateNew, FileAccess.Write))
        {
            _log.Watch(_tree.At("a"), "a");
            File.Delete(_tree.At("a"));
            RandomAccess.Write(file, "2"u8, 1);
        }

        Assert.Equal(["Delete a"], _log.Rest());
    }

    [Fact]
    public void Of_hard_links_the_name_that_was_written_is_told()
    {
        _tree.WriteFile("d/a", "1");
        _tree.MakeDirectory("e");
        ChildProcess.Shell("ln d/a e/b; ln d/a d/c", _tree.Path);
        _log.Watch(_tree.At("d/a"), "a");
        _log.Watch(_tree.At("e/b"), "b");
        _tree.WriteFile("d/a", "2");
        _tree.WriteFile("e/b", "3");
        _tree.WriteFile("d/c", "4");
        Assert.Equal(["CloseWrite a", "CloseWrite b"], _log.Rest());
    }
}
