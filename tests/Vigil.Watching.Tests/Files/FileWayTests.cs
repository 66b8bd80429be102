using Microsoft.Win32.SafeHandles;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>What happens to the directories and the links that lead to a file.</summary>
[Collection(nameof(Alone))]
public sealed class FileWayTests : IDisposable
{
    private readonly TempTree _tree = new();
    private readonly FileLog _log = new();

    public void Dispose()
    {
        _log.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public void A_directory_that_does_not_exist_yet_is_waited_for()
    {
        _log.Watch(_tree.At("a/b/c/f"), "f");
        _log.Watch(_tree.At("a/b/g"), "g");
        _tree.WriteFile("a/b/c/f", "1");
        _log.Expect("CloseWrite f");
        _tree.WriteFile("a/b/c/f", "2");
        _log.Expect("CloseWrite f");
        _tree.WriteFile("a/b/g", "1");
        _log.Expect("CloseWrite g");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void However_fast_a_directory_is_made_and_filled_the_file_is_told()
    {
        for (int i = 0; i < 300; i++)
        {
            _log.Watch(_tree.At($"{i}/b/c/f"), $"{i}");
        }

        for (int i = 0; i < 300; i++)
        {
            _tree.WriteFile($"{i}/b/c/f", "text");
        }

        HashSet<string> told = [];
        while (told.Count < 300)
        {
            FileEvent<string?> e = _log.Next($"300 files, told are {told.Count}");
            Assert.Equal(FileEventKind.CloseWrite, e.Kind);
            told.Add(e.Tag!);
        }

        // And all are watched now.
        for (int i = 0; i < 300; i++)
        {
            _tree.WriteFile($"{i}/b/c/f", "more text");
        }

        Assert.Subset(_log.Rest().Select(e => e.Split(' ')[1].TrimEnd('?')).ToHashSet(), told);
    }

    [Fact]
    public void A_directory_that_is_removed_and_made_again_is_watched_again()
    {
        _tree.WriteFile("d/e/f", "1");
        _log.Watch(_tree.At("d/e/f"), "f");
        for (int i = 0; i < 20; i++)
        {
            Directory.Delete(_tree.At("d"), recursive: true);
            _log.Expect("Delete f");
            _log.Expect("DirectoryLost");
            _tree.WriteFile("d/e/f", "2");
            _log.Expect("CloseWrite f");
        }

        _tree.WriteFile("d/e/f", "3");
        _log.Expect("CloseWrite f");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void A_directory_that_somebody_is_in_when_it_is_removed_is_watched_again()
    {
        _tree.MakeDirectory("d");
        _log.Watch(_tree.At("d/f"), "f");
        using ChildProcess inside = ChildProcess.Start("sh", ["-c", "echo in; read end"], _tree.At("d"));
        inside.Output.WaitForLine(line => line == "in", "a shell in the directory");
        Directory.Delete(_tree.At("d"));
        _tree.WriteFile("d/f");
        Assert.Contains("CloseWrite f", AllUntil("CloseWrite f"));
        _tree.WriteFile("d/f", "2");
        _log.Expect("CloseWrite f");
    }

    [Fact]
    public void A_directory_that_is_moved_away_is_lost_and_found_again()
    {
        _tree.WriteFile("d/e/f", "1");
        _log.Watch(_tree.At("d/e/f"), "f");
        _log.Watch(_tree.At("d/e/missing"), "missing");
        Directory.Move(_tree.At("d/e"), _tree.At("away"));
        _log.Expect("Delete f", "DirectoryLost");
        _tree.WriteFile("away/f", "2");
        _log.ExpectNothingElse();
        Directory.Move(_tree.At("away"), _tree.At("d/e"));
        _log.Expect("CloseWrite f");
        _log.ExpectNothingElse();
    }

    [Theory]
    [InlineData("mv srv srv.old; mv srv.new srv")]
    [InlineData("mv srv/app srv/app.old; mv srv.new/app srv/app")]
    [InlineData("rm -r srv; mv srv.new srv")]
    public void A_directory_far_above_may_be_exchanged(string command)
    {
        _tree.WriteFile("srv/app/etc/conf/f", "1");
        _tree.WriteFile("srv.new/app/etc/conf/f", "22");
        _log.Watch(_tree.At("srv/app/etc/conf/f"), "f");
        ChildProcess.Shell(command, _tree.Path);
        Assert.Equal("CloseWrite f", AllUntil("CloseWrite f")[^1]);
        _tree.WriteFile("srv/app/etc/conf/f", "3");
        _log.Expect("CloseWrite f");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void A_file_in_the_place_of_a_directory_is_waited_out()
    {
        _tree.WriteFile("d", "a file");
        _log.Watch(_tree.At("d/e/f"), "f");
        File.Delete(_tree.At("d"));
        _tree.WriteFile("d/e/f");
        _log.Expect("CloseWrite f");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void A_swap_of_data_in_a_ConfigMap_is_one_event_for_each_file()
    {
        // As the kubelet writes volumes: the files are links into ..data, which is a link that is exchanged.
        const string Make = "mkdir -p m/..1; cd m; echo 1 > ..1/a; echo 1 > ..1/b; ln -s ..1 ..data; "
            + "ln -s ..data/a a; ln -s ..data/b b";
        ChildProcess.Shell(Make, _tree.Path);
        _log.Watch(_tree.At("m/a"), "a");
        _log.Watch(_tree.At("m/b"), "b");
        for (int i = 2; i < 20; i++)
        {
            ChildProcess.Shell(
                $"mkdir ..{i}; echo {i} > ..{i}/a; echo {i} > ..{i}/b; ln -s ..{i} ..data_tmp; "
                + $"mv -T ..data_tmp ..data; rm -r ..{i - 1}",
                _tree.At("m"));
            string[] events = [.. _log.Rest().Order(StringComparer.Ordinal)];
            Assert.Equal(["CloseWrite a?", "CloseWrite b?"], events);
            Assert.Equal($"{i}\n", File.ReadAllText(_tree.At("m/a")));
        }

        // And what it leads to now is watched, too.
        ChildProcess.Shell("echo more >> m/..data/a", _tree.Path);
        Assert.Equal(["CloseWrite a"], _log.Rest());
    }

    [Fact]
    public void A_link_to_a_file_tells_of_the_file_and_of_being_led_elsewhere()
    {
        _tree.WriteFile("x/one", "1");
        _tree.WriteFile("y/two", "22");
        _tree.MakeDirectory("d");
        ChildProcess.Shell("ln -s ../x/one d/f", _tree.Path);
        _log.Watch(_tree.At("d/f"), "f");
        _tree.WriteFile("x/one", "11");
        Assert.Equal(["CloseWrite f"], _log.Rest());
        ChildProcess.Shell("ln -s ../y/two d/g; mv d/g d/f", _tree.Path);
        Assert.Equal(["CloseWrite f?"], _log.Rest());
        _tree.WriteFile("x/one", "111");
        _log.ExpectNothingElse();
        ChildProcess.Shell("echo 2 > new; mv new y/two", _tree.Path);
        Assert.Equal(["CloseWrite f"], _log.Rest());
        File.Delete(_tree.At("y/two"));
        Assert.Equal(["Delete f"], _log.Rest());
        _tree.WriteFile("y/two", "3");
        Assert.Equal(["CloseWrite f"], _log.Rest());
        File.Delete(_tree.At("d/f"));
        Assert.Equal(["Delete f"], _log.Rest());
        _tree.WriteFile("d/f", "a file now");
        Assert.Equal(["CloseWrite f"], _log.Rest());
        _tree.WriteFile("y/two", "4");
        _log.ExpectNothingElse();
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_waited_for()
    {
        ChildProcess.Shell("ln -s there/is/f f; ln -s loop loop", _tree.Path);
        _log.Watch(_tree.At("f"), "f");
        _log.Watch(_tree.At("loop"), "loop");
        _tree.WriteFile("there/is/f");
        _log.Expect("CloseWrite f");
        Directory.Delete(_tree.At("there"), recursive: true);
        _log.Expect("Delete f");
        ChildProcess.Shell("rm loop; echo > loop", _tree.Path);
        Assert.Equal("CloseWrite loop", AllUntil("CloseWrite loop")[^1]);
    }

    [Fact]
    public void Paths_through_links_share_a_watch_and_part_with_the_links()
    {
        _tree.WriteFile("v1/f", "1");
        _tree.WriteFile("v2/f", "22");
        ChildProcess.Shell("ln -s v1 current", _tree.Path);
        _log.Watch(_tree.At("v1/f"), "v1");
        int watches = Descriptors.CountWatches(_tree.At("v1"));
        _log.Watch(_tree.At("current/f"), "current");
        Assert.Equal(watches, Descriptors.CountWatches(_tree.At("v1")));
        _tree.WriteFile("v1/f", "2");
        Assert.Equal(["CloseWrite current", "CloseWrite v1"], [.. _log.Rest().Order(StringComparer.Ordinal)]);
        ChildProcess.Shell("ln -sfn v2 next; mv -T next current", _tree.Path);
        Assert.Equal(["CloseWrite current?"], _log.Rest());
        _tree.WriteFile("v1/f", "3");
        _tree.WriteFile("v2/f", "4");
        Assert.Equal(["CloseWrite v1", "CloseWrite current"], _log.Rest());
    }

    [Fact]
    public void What_nobody_needs_is_given_back()
    {
        _tree.WriteFile("a/b/f");
        _tree.WriteFile("a/c/target");
        ChildProcess.Shell("ln -s ../c/target a/b/link", _tree.Path);
        Assert.Equal(0, Descriptors.CountWatches(_tree.Path));
        _log.Watch(_tree.At("a/b/f"), "f");
        _log.Watch(_tree.At("a/b/link"), "link");
        _log.Watch(_tree.At("a/missing/g"), "g");
        Assert.Equal(4, Descriptors.CountWatches(_tree.Path));
        _log.Watcher.Remove(_tree.At("a/b/link"), out _);
        Assert.Equal(3, Descriptors.CountWatches(_tree.Path));
        _log.Watcher.Remove(_tree.At("a/b/f"), out _);
        Assert.Equal(2, Descriptors.CountWatches(_tree.Path));
        _log.Watcher.Remove(_tree.At("a/missing/g"), out _);
        Assert.Equal(0, Descriptors.CountWatches(_tree.Path));
        _log.ExpectNothingElse();
    }

    private List<string> AllUntil(string last)
    {
        List<string> all = [];
        do
        {
            all.Add(FileLog.Text(_log.Next(last)).TrimEnd('?'));
        }
        while (all[^1] != last);
        return all;
    }

    [Fact]
    public void A_file_that_is_still_written_when_its_directory_goes_is_told_as_gone()
    {
        using FileLog log = new(FileEventKinds.Create | FileEventKinds.Contents);
        log.Watch(_tree.At("d/f"), "f");
        _tree.MakeDirectory("d");
        using SafeFileHandle file = File.OpenHandle(_tree.At("d/f"), FileMode.CreateNew, FileAccess.Write);
        log.Expect("Create f");
        Directory.Move(_tree.At("d"), _tree.At("e"));

        // It may have stood still before, and then counts as whole.
        Assert.Equal(["Delete f?", "DirectoryLost ?"], log.Rest().Where(text => text != "CloseWrite f?"));
    }
}
