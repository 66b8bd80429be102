using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Every flag that says how to watch.</summary>
public sealed class InotifyWatchFlagTests : IDisposable
{
    private readonly TempTree _directory = new();
    private readonly Inotify _inotify = Inotify.Open();

    public void Dispose()
    {
        _inotify.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Adding_again_replaces_the_mask_and_keeps_the_watch()
    {
        WatchDescriptor first = _inotify.Add(_directory.Path, InotifyMask.Create);
        Assert.Equal(first, _inotify.Add(_directory.Path, InotifyMask.Delete));
        File.Delete(_directory.WriteFile("f"));
        Assert.Equal(["IN_DELETE f"], _inotify.DrainShort());
    }

    [Fact]
    public void Mask_add_joins_the_masks()
    {
        WatchDescriptor first = _inotify.Add(_directory.Path, InotifyMask.Create);
        Assert.Equal(first, _inotify.Add(_directory.Path, InotifyMask.Delete | InotifyMask.MaskAdd));
        File.Delete(_directory.WriteFile("f"));
        Assert.Equal(["IN_CREATE f", "IN_DELETE f"], _inotify.DrainShort());
    }

    [Fact]
    public void Mask_create_refuses_an_inode_that_is_watched()
    {
        _inotify.Add(_directory.Path, InotifyMask.Create | InotifyMask.MaskCreate);
        VigilException refused = Assert.Throws<VigilException>(
            () => _inotify.Add(_directory.Path, InotifyMask.Delete | InotifyMask.MaskCreate));
        Assert.Equal("EEXIST", refused.ErrnoName);
        Assert.Equal(_directory.Path, refused.Path);
        Assert.Contains("IN_MASK_CREATE", refused.Message, StringComparison.Ordinal);

        File.Delete(_directory.WriteFile("f"));
        Assert.Equal(["IN_CREATE f"], _inotify.DrainShort());
    }

    [Fact]
    public void Mask_add_and_mask_create_exclude_each_other()
    {
        VigilException refused = Assert.Throws<VigilException>(() => _inotify.Add(
            _directory.Path, InotifyMask.Create | InotifyMask.MaskCreate | InotifyMask.MaskAdd));
        Assert.Equal("EINVAL", refused.ErrnoName);
        Assert.Equal("EINVAL", Assert.Throws<VigilException>(
            () => _inotify.Add(_directory.Path, InotifyMask.None)).ErrnoName);
    }

    [Fact]
    public void Only_dir_refuses_a_file()
    {
        string file = _directory.WriteFile("f");
        VigilException refused = Assert.Throws<VigilException>(
            () => _inotify.Add(file, InotifyMask.Modify | InotifyMask.OnlyDir));
        Assert.Equal("ENOTDIR", refused.ErrnoName);
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        _inotify.Add(_directory.Path, InotifyMask.Modify | InotifyMask.OnlyDir);
    }

    [Fact]
    public void A_link_is_followed_unless_told()
    {
        string file = _directory.WriteFile("f");
        string link = _directory.At("link");
        File.CreateSymbolicLink(link, "f");
        WatchDescriptor target = _inotify.Add(link, InotifyMask.Modify);
        WatchDescriptor itself = _inotify.Add(link, InotifyMask.AllEvents | InotifyMask.DontFollow);
        Assert.NotEqual(target, itself);

        File.AppendAllText(file, "text");
        Assert.Equal([target.Value], _inotify.Drain().Select(static e => e.Watch).Distinct());
        File.Delete(link);
        List<RawEvent> events = _inotify.Drain();
        Assert.Equal(["IN_ATTRIB", "IN_DELETE_SELF", "IN_IGNORED"], events.Select(static e => e.Short));
        Assert.Equal([itself.Value], events.Select(static e => e.Watch).Distinct());
    }

    [Fact]
    public void Excl_unlink_silences_what_was_unlinked()
    {
        Assert.Equal(["IN_MODIFY f", "IN_OPEN end"], WriteAfterUnlink(InotifyMask.None));
        Assert.Equal(["IN_OPEN end"], WriteAfterUnlink(InotifyMask.ExclUnlink));
    }

    [Fact]
    public void One_shot_tells_once()
    {
        WatchDescriptor watch = _inotify.Add(_directory.Path, InotifyMask.Create | InotifyMask.OneShot);
        _directory.WriteFile("a");
        _directory.WriteFile("b");
        Assert.Equal(["IN_CREATE a", "IN_IGNORED"], _inotify.DrainShort());
        Assert.False(_inotify.Remove(watch));
        Assert.Null(_inotify.PathOf(watch));
    }

    private string[] WriteAfterUnlink(InotifyMask flag)
    {
        string end = _directory.WriteFile("end");
        string file = _directory.At("f");
        using FileStream stream = new(file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        File.Delete(file);
        WatchDescriptor watch = _inotify.Add(_directory.Path, InotifyMask.Modify | InotifyMask.Open | flag);
        stream.WriteByte(1);
        File.OpenHandle(end).Dispose();
        string[] events = _inotify.DrainShort();
        _inotify.Remove(watch);
        _inotify.Drain();
        return events;
    }
}
