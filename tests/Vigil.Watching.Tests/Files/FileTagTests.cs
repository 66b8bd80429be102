using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// Which value an event carries, and whether it comes at all, where files are added and removed while events of them
/// wait: in the channel, for room in it, or in the kernel's queue.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FileTagTests : IDisposable
{
    private readonly TempTree _tree = new();
    private readonly FileWatcher<string> _watcher = new(capacity: 1);

    public void Dispose()
    {
        _watcher.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public void After_a_removal_nothing_of_the_file_enters_the_channel()
    {
        WatchAndFall("a", "old");
        Assert.True(_watcher.Remove(_tree.At("a"), out string? tag));
        Assert.Equal("old", tag);
        _tree.WriteFile("a", "y");

        // What was in the channel already stays there.
        Assert.Equal(["old"], TakeUntilEnd());
        Assert.Equal(1, _watcher.Count);
    }

    [Fact]
    public void After_a_new_value_nothing_enters_the_channel_with_the_old_one()
    {
        WatchAndFall("a", "old");
        Assert.False(_watcher.Add(_tree.At("a"), "new", out string? previous));
        Assert.Equal("old", previous);
        List<string?> tags = TakeUntilEnd();
        Assert.Equal("old", tags[0]);
        Assert.Equal(99, tags.Count(tag => tag == "new"));
        Assert.Equal(100, tags.Count);
    }

    [Fact]
    public void A_file_that_is_removed_and_added_again_has_nothing_of_its_first_life()
    {
        WatchAndFall("a", "first");
        Assert.True(_watcher.Remove(_tree.At("a"), out _));
        Assert.True(_watcher.Add(_tree.At("a"), "second", out _));
        _tree.WriteFile("a", "y");
        Assert.Equal(["first", "second"], TakeUntilEnd());
    }

    [Fact]
    public void What_the_kernel_has_queued_from_before_is_not_told_while_the_reader_is_behind()
    {
        WatchAndFall("a", "a");
        for (int i = 0; i < 3; i++)
        {
            _tree.WriteFile("b", "1");
            File.Delete(_tree.At("b"));
        }

        _tree.WriteFile("b", "2");
        _tree.WriteFile("a", "x");
        Assert.True(_watcher.Add(_tree.At("b"), "b", out _));
        Assert.DoesNotContain("b", TakeUntilEnd());
        _tree.WriteFile("b", "3");
        Assert.Equal(["b"], TakeUntilEnd());
    }

    [Fact]
    public void A_write_that_the_kernel_put_into_an_event_from_before_is_told()
    {
        for (int i = 0; i < 20; i++)
        {
            WatchAndFall("a", "a");
            _tree.WriteFile("b", "1");

            // The event of the last write is the last in the queue, so that the next one like it is not queued.
            Assert.True(_watcher.Add(_tree.At("b"), "b", out _));
            _tree.WriteFile("b", "2");
            Assert.Contains("b", TakeUntilEnd());
            Assert.True(_watcher.Remove(_tree.At("a"), out _));
            Assert.True(_watcher.Remove(_tree.At("b"), out _));
        }
    }

    // A hundred events, of which the channel has room for one.
    private void WatchAndFall(string name, string tag)
    {
        _watcher.Add(_tree.At("end"), "end", out _);
        Assert.True(_watcher.Add(_tree.At(name), tag, out _));
        for (int i = 0; i < 50; i++)
        {
            _tree.WriteFile(name, "x");
            File.Delete(_tree.At(name));
        }

        Eventually.True(() => _watcher.Events.Count == 1, "the channel to be full");
    }

    private List<string?> TakeUntilEnd()
    {
        List<string?> tags = [];
        _tree.WriteFile("end", "x");
        while (true)
        {
            FileEvent<string> e = default;
            Eventually.True(() => _watcher.Events.TryRead(out e), "the end of the trace");
            Assert.False(e.IsNotice, e.ToString());
            if (e.Tag == "end")
            {
                return tags;
            }

            tags.Add(e.Tag);
        }
    }
}
