using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// Every event of inotify(7), from the kernel that runs the tests. Unmount and overflow have files of their own.
/// </summary>
public sealed class InotifyEventKindTests : IDisposable
{
    private readonly TempTree _directory = new();
    private readonly Inotify _inotify = Inotify.Open();

    public void Dispose()
    {
        _inotify.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Access_tells_of_a_read()
    {
        string file = _directory.WriteFile("f", "text");
        Assert.Equal(["IN_ACCESS f"], Events(InotifyMask.Access, () => File.ReadAllText(file)).Distinct());
    }

    [Fact]
    public void Modify_tells_of_a_write_and_of_a_truncation()
    {
        string file = _directory.WriteFile("f", "text");
        using FileStream stream = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Assert.Equal(["IN_MODIFY f"], Events(InotifyMask.Modify, () => stream.WriteByte(1)));
        Assert.Equal(["IN_MODIFY f"], Events(InotifyMask.Modify, () => stream.SetLength(0)));
    }

    [Fact]
    public void Attrib_tells_of_permissions_and_of_links()
    {
        string file = _directory.WriteFile("f");
        Assert.Equal(
            ["IN_ATTRIB f"], Events(InotifyMask.Attrib, () => File.SetUnixFileMode(file, UnixFileMode.UserRead)));
        using Inotify own = Inotify.Open();
        own.Add(file, InotifyMask.Attrib);
        Shell.Run(_directory.Path, "ln f g");
        Assert.Equal(["IN_ATTRIB"], own.DrainShort());
    }

    [Fact]
    public void Open_and_close_tell_how_it_was_open()
    {
        string file = _directory.WriteFile("f");
        const InotifyMask Mask = InotifyMask.Open | InotifyMask.Close;
        Assert.Equal(["IN_OPEN f", "IN_CLOSE_NOWRITE f"], Events(Mask, () => File.OpenHandle(file).Dispose()));
        Assert.Equal(
            ["IN_OPEN f", "IN_CLOSE_WRITE f"],
            Events(Mask, () => File.OpenHandle(file, FileMode.Open, FileAccess.Write).Dispose()));
    }

    [Fact]
    public void A_directory_is_marked_as_one()
    {
        Assert.Equal(["IN_CREATE|IN_ISDIR d"], Events(InotifyMask.Create, () => _directory.MakeDirectory("d")));
        Assert.Equal(["IN_DELETE|IN_ISDIR d"], Events(InotifyMask.Delete, () => Directory.Delete(_directory.At("d"))));
    }

    [Fact]
    public void Create_and_delete_tell_of_names()
    {
        const InotifyMask Mask = InotifyMask.Create | InotifyMask.Delete;
        Assert.Equal(["IN_CREATE f"], Events(Mask, () => _directory.WriteFile("f")));
        Assert.Equal(["IN_CREATE l"], Events(Mask, () => File.CreateSymbolicLink(_directory.At("l"), "nowhere")));
        Assert.Equal(["IN_DELETE f"], Events(Mask, () => File.Delete(_directory.At("f"))));
    }

    [Fact]
    public void The_halves_of_a_rename_share_a_cookie()
    {
        _directory.WriteFile("a");
        _inotify.Add(_directory.Path, InotifyMask.Move);
        File.Move(_directory.At("a"), _directory.At("b"));
        File.Move(_directory.At("b"), _directory.At("c"));
        List<RawEvent> events = _inotify.Drain();
        Assert.Equal(
            ["IN_MOVED_FROM a", "IN_MOVED_TO b", "IN_MOVED_FROM b", "IN_MOVED_TO c"],
            events.Select(static e => e.Short));
        Assert.NotEqual(0u, events[0].Cookie);
        Assert.Equal(events[0].Cookie, events[1].Cookie);
        Assert.Equal(events[2].Cookie, events[3].Cookie);
        Assert.NotEqual(events[0].Cookie, events[2].Cookie);
    }

    [Fact]
    public void Move_self_keeps_the_watch()
    {
        string inner = _directory.MakeDirectory("inner");
        WatchDescriptor watch = _inotify.Add(inner, InotifyMask.MoveSelf | InotifyMask.Create);
        Directory.Move(inner, _directory.At("elsewhere"));
        _directory.WriteFile("elsewhere/f");
        Assert.Equal(["IN_MOVE_SELF", "IN_CREATE f"], _inotify.DrainShort());
        Assert.Equal(inner, _inotify.PathOf(watch));
        Assert.True(_inotify.Remove(watch));
    }

    [Fact]
    public void Delete_self_is_followed_by_ignored()
    {
        string inner = _directory.MakeDirectory("inner");
        _inotify.Add(inner, InotifyMask.DeleteSelf);
        Directory.Delete(inner);
        Assert.Equal(["IN_DELETE_SELF", "IN_IGNORED"], _inotify.DrainShort());
    }

    [Fact]
    public void Ignored_follows_a_removal()
    {
        WatchDescriptor watch = _inotify.Add(_directory.Path, InotifyMask.Create);
        Assert.True(_inotify.Remove(watch));
        RawEvent last = Assert.Single(_inotify.Drain());
        Assert.Equal(InotifyMask.Ignored, last.Mask);
        Assert.Equal(watch.Value, last.Watch);
    }

    private string[] Events(InotifyMask mask, Action action)
    {
        WatchDescriptor watch = _inotify.Add(_directory.Path, mask);
        action();
        string[] events = _inotify.DrainShort();
        Assert.True(_inotify.Remove(watch));
        Assert.Equal(["IN_IGNORED"], _inotify.DrainShort());
        return events;
    }
}
