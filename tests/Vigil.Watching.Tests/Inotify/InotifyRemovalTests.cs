using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>How a watch ends, by a call or by the kernel itself, and what is left of it: nothing.</summary>
public sealed class InotifyRemovalTests : IDisposable
{
    private readonly TempTree _directory = new();
    private readonly Inotify _inotify = Inotify.Open();

    public void Dispose()
    {
        _inotify.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Mask_32768_is_IN_IGNORED_the_kernels_word_that_a_watch_is_gone()
    {
        string file = _directory.WriteFile("blah.txt");
        WatchDescriptor watch = _inotify.Add(file, InotifyMask.Modify);
        File.Delete(file);
        RawEvent last = Assert.Single(_inotify.Drain());
        Assert.Equal(32768u, (uint)last.Mask);
        Assert.Equal("IN_IGNORED", last.Mask.KernelNames);
        Assert.Equal(watch.Value, last.Watch);
    }

    [Fact]
    public void Removing_a_watch_that_the_kernel_removed_is_EINVAL_to_the_kernel_and_no_error_here()
    {
        string file = _directory.WriteFile("blah.txt");
        WatchDescriptor watch = _inotify.Add(file, InotifyMask.Modify);
        File.Delete(file);

        // Before the event was read, after it, and once more.
        Assert.Equal(Platform.Failure.Invalid, _inotify.Handle.TryRemoveWatch(watch.Value));
        Assert.False(_inotify.Remove(watch));
        Assert.Equal(["IN_IGNORED"], _inotify.DrainShort());
        Assert.False(_inotify.Remove(watch));
        Assert.Null(_inotify.PathOf(watch));
    }

    [Fact]
    public void Removing_twice_or_what_never_was_answers_false()
    {
        WatchDescriptor watch = _inotify.Add(_directory.Path, InotifyMask.Create);
        Assert.True(_inotify.Remove(watch));
        Assert.False(_inotify.Remove(watch));
        Assert.False(_inotify.Remove(new WatchDescriptor(4711)));
        Assert.False(_inotify.Remove(new WatchDescriptor(-1)));
        Assert.Null(_inotify.PathOf(new WatchDescriptor(4711)));
        Assert.Equal("4711", new WatchDescriptor(4711).ToString());
    }

    [Fact]
    public void The_path_is_known_through_the_last_batch_and_then_forgotten()
    {
        WatchDescriptor watch = _inotify.Add(_directory.Path, InotifyMask.Create);
        Assert.True(_inotify.Remove(watch));
        Assert.Equal(_directory.Path, _inotify.PathOf(watch));
        InotifyEvents events = _inotify.TryRead();
        Assert.Equal(1, events.Count());
        Assert.Equal(_directory.Path, _inotify.PathOf(watch));
        Assert.True(_inotify.TryRead().IsEmpty);
        Assert.Null(_inotify.PathOf(watch));
    }

    [Fact]
    public void The_kernels_own_list_of_watches_is_read()
    {
        // More than 16, as the kernel writes the numbers in hexadecimal.
        HashSet<int> expected = [];
        for (int i = 0; i < 40; i++)
        {
            expected.Add(_inotify.Add(_directory.MakeDirectory($"d{i}"), InotifyMask.Create).Value);
        }

        Assert.True(_inotify.Remove(new WatchDescriptor(expected.Max())));
        expected.Remove(expected.Max());
        IReadOnlySet<int>? listed = _inotify.Handle.ListWatches();
        Assert.NotNull(listed);
        Assert.Equal(expected.Order(), listed.Order());
    }

    [Fact]
    public void A_new_file_under_an_old_name_is_a_new_watch()
    {
        WatchDescriptor first = _inotify.Add(_directory.WriteFile("f"), InotifyMask.Modify);
        File.Delete(_directory.At("f"));
        WatchDescriptor second = _inotify.Add(_directory.WriteFile("f"), InotifyMask.Modify);
        Assert.NotEqual(first, second);
        _inotify.Drain();
        Assert.Null(_inotify.PathOf(first));
        Assert.Equal(_directory.At("f"), _inotify.PathOf(second));
    }
}
