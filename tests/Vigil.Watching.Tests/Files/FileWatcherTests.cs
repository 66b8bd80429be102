using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>The members of the file watcher, one by one.</summary>
[Collection(nameof(Alone))]
public sealed class FileWatcherTests
{
    [Fact]
    public async Task Write_a_file_watch_it_write_it_again()
    {
        using TempTree tree = new();
        string path = tree.At("file.txt");
        const string Contents = "line 1\nline 2\n";

        // First just write, then read the file.
        File.WriteAllText(path, Contents);
        Assert.Equal(Contents, File.ReadAllText(path));

        // Now watch the file.
        await using var watcher = new FileWatcher<ValueTuple>(capacity: 0);
        Assert.True(watcher.Add(path, default, out _));
        ValueTask<FileEvent<ValueTuple>> next = watcher.Events.ReadAsync();

        // Overwrite line 2. The event comes when the file is closed.
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
        {
            RandomAccess.Write(file, [(ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes("lorem ipsum")], 7);
            Assert.False(next.IsCompleted);
        }

        FileEvent<ValueTuple> e = await next.AsTask().WaitAsync(Eventually.DefaultTimeout);
        Assert.Equal(FileEventKind.CloseWrite, e.Kind);
        Assert.Equal(path, e.Path);
        Assert.Equal("line 1\nlorem ipsum", File.ReadAllText(path));

        // Deleting the file and then adding it again: events for both.
        File.Delete(path);
        Assert.Equal(FileEventKind.Delete, (await watcher.Events.ReadAsync()).Kind);
        File.WriteAllText(path, Contents);
        Assert.Equal(FileEventKind.CloseWrite, (await watcher.Events.ReadAsync()).Kind);
    }

    [Fact]
    public void Delete_and_make_again_at_once_gives_both_in_order()
    {
        using TempTree tree = new();
        using FileLog log = new();
        log.Watch(tree.WriteFile("a", "1"), "a");
        for (int i = 0; i < 100; i++)
        {
            File.Delete(tree.At("a"));
            tree.WriteFile("a", "1");
        }

        for (int i = 0; i < 100; i++)
        {
            log.Expect("Delete a", "CloseWrite a");
        }

        log.ExpectNothingElse();
    }

    [Fact]
    public void Adding_again_replaces_the_value_and_gives_the_old_one()
    {
        using TempTree tree = new();
        using FileLog log = new();
        string path = tree.WriteFile("d/a");
        Assert.True(log.Watcher.Add(path, "1", out string? previous));
        Assert.Null(previous);
        tree.WriteFile("d/a", "x");
        log.Expect("CloseWrite 1");
        Assert.False(log.Watcher.Add(tree.At("d/../d/./a"), "2", out previous));
        Assert.Equal("1", previous);
        Assert.False(log.Watcher.Add(path, null, out previous));
        Assert.Equal("2", previous);
        tree.WriteFile("d/a", "y");
        log.Expect("CloseWrite");
        Assert.Equal(2, log.Watcher.Count);
        Assert.True(log.Watcher.Remove(tree.At("d//a"), out string? tag));
        Assert.Null(tag);
        Assert.False(log.Watcher.Remove(path, out _));
        tree.WriteFile("d/a", "z");
        log.ExpectNothingElse();
        Assert.True(log.Watcher.Add(path, "3", out _));
        log.ExpectNothingElse();
    }

    [Fact]
    public async Task The_old_value_need_not_be_asked_for()
    {
        using TempTree tree = new();
        await using var watcher = new FileWatcher<string>(capacity: 8);
        Assert.True(watcher.Add(tree.At("a"), "1"));
        Assert.False(watcher.Add(tree.At("a"), "2"));
        tree.WriteFile("a");
        Assert.Equal("2", (await watcher.Events.ReadAsync()).Tag);
        Assert.True(watcher.Remove(tree.At("a")));
        Assert.False(watcher.Remove(tree.At("a")));
        Assert.Equal(0, watcher.Count);
    }

    [Fact]
    public void What_was_there_before_is_not_told()
    {
        using TempTree tree = new();
        using FileLog log = new();
        log.Watch(tree.WriteFile("first"), "first");
        for (int i = 0; i < 200; i++)
        {
            // The directory is watched already, so that the kernel has queued these when the file is added.
            log.Watch(tree.WriteFile($"f{i}", "x"), $"f{i}");
        }

        log.ExpectNothingElse();
    }

    [Fact]
    public void Every_kind_that_is_asked_for_is_told()
    {
        using TempTree tree = new();
        using FileLog log = new(FileEventKinds.All);
        string path = tree.At("a");
        log.Watch(path, "a");
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, "text"u8, 0);
        }

        log.Expect("Create a", "Open a", "Modify a", "CloseWrite a");
        ChildProcess.Shell("cat a", tree.Path);
        log.Expect("Open a", "Access a", "CloseNoWrite a");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        log.Expect("Attributes a");
        File.Move(path, tree.At("b"));
        log.Expect("MovedFrom a", "Delete a");
        File.Move(tree.At("b"), path);
        log.Expect("MovedTo a", "Create a", "CloseWrite a");
        File.WriteAllText(tree.At("b"), "new");
        File.Move(tree.At("b"), path, overwrite: true);
        log.Expect("MovedTo a", "CloseWrite a");
        File.Delete(path);
        log.Expect("Delete a");
        log.ExpectNothingElse();
    }

    [Fact]
    public void Only_the_kinds_that_are_asked_for_are_told()
    {
        using TempTree tree = new();
        using var watcher = new FileWatcher<int>(64, new FileWatcherOptions { Kinds = FileEventKinds.Delete });
        watcher.Add(tree.WriteFile("a"), 1, out _);
        tree.WriteFile("a", "x");
        File.Delete(tree.At("a"));
        tree.WriteFile("a", "y");
        File.Delete(tree.At("a"));
        FileEvent<int> e = default;
        for (int i = 0; i < 2; i++)
        {
            Eventually.True(() => watcher.Events.TryRead(out e), "a deletion");
            Assert.Equal((FileEventKind.Delete, 1), (e.Kind, e.Tag));
        }
    }

    [Fact]
    public void Names_are_bytes()
    {
        using TempTree tree = new();
        using FileLog log = new();
        byte[] name = [(byte)'x', 0xff, 0x80, (byte)'\n'];
        string path = $"{tree.Path}/{Platform.PathText.FromBytes(name)}";
        log.Watch(path, "bytes");
        log.Watch(tree.At("x\uFFFD\uFFFD\n"), "text");
        tree.MakeFile(name);
        FileEvent<string?> e = log.Next("a file with a name that is no text");
        Assert.Equal("CloseWrite bytes", FileLog.Text(e));
        Assert.Equal(path, e.Path);

        tree.MakeDirectory([0xfe]);
        string inside = $"{tree.Path}/{Platform.PathText.FromBytes([0xfe])}/f";
        log.Watch(inside, "inside");
        tree.MakeFile([0xfe, (byte)'/', (byte)'f']);
        log.Expect("CloseWrite inside");
        tree.Rename([0xfe], [0xfd]);
        log.Expect("Delete inside", "DirectoryLost");
        log.ExpectNothingElse();
    }

    [Fact]
    public void What_is_no_path_of_a_file_is_refused()
    {
        using var watcher = new FileWatcher<int>(capacity: 1);
        foreach (string path in (string[])["", "/", "//", "a\0b", new string('n', 256), new string('/', 4096) + "a/.."])
        {
            Assert.Throws<ArgumentException>(() => watcher.Add(path, 1, out _));
            Assert.Throws<ArgumentException>(() => watcher.Remove(path, out _));
        }

        string tooLong = "/" + string.Join('/', Enumerable.Repeat(new string('d', 200), 21));
        Assert.Throws<ArgumentException>(() => watcher.Add(tooLong, 1, out _));
        Assert.Throws<ArgumentNullException>(() => watcher.Add(null!, 1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FileWatcher<int>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new FileWatcher<int>(1, new FileWatcherOptions { PollInterval = TimeSpan.Zero }));
        Assert.Equal(0, watcher.Count);
    }

    [Fact]
    public void An_event_says_what_it_is_on_one_line()
    {
        using TempTree tree = new();
        using FileLog log = new();
        log.Watch(tree.At("a"), "a");
        tree.WriteFile("a", "x");
        FileEvent<string?> e = log.Next("the event");
        Assert.Equal($"CloseWrite    {tree.At("a")}", e.ToString());
        Assert.False(e.IsNotice || e.IsInferred);
        Assert.Null(e.Reason);
    }

    [Fact]
    public void Two_watchers_of_a_file_are_both_told()
    {
        using TempTree tree = new();
        using FileLog one = new();
        using FileLog two = new();
        one.Watch(tree.At("a"), "1");
        two.Watch(tree.At("a"), "2");
        tree.WriteFile("a");
        one.Expect("CloseWrite 1");
        two.Expect("CloseWrite 2");
    }
}
