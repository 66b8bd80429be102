using System.Globalization;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// A file watcher of a test, its events as text: the kind and the tag, and <c>?</c> where it was found by looking. One
/// more file is watched, whose writing marks the end of a trace. Tests that use it run alone: another test that starts
/// a process meanwhile would keep a file open for a moment that was closed here, and so put off its event.
/// </summary>
internal sealed class FileLog : IDisposable
{
    private readonly TempTree _end = new();
    private int _ends;

    internal FileLog(FileEventKinds kinds = FileEventKinds.Contents, int capacity = 1024)
    {
        Watcher = new FileWatcher<string?>(
            capacity, new FileWatcherOptions { Kinds = kinds, PollInterval = TimeSpan.FromMilliseconds(50) });
        Watch(_end.At("end"), "end");
    }

    internal FileWatcher<string?> Watcher { get; }

    public void Dispose()
    {
        Watcher.Dispose();
        _end.Dispose();
    }

    internal void Watch(string path, string? tag) => Assert.True(Watcher.Add(path, tag, out _), $"{path} is new");

    internal FileEvent<string?> Next(string what)
    {
        FileEvent<string?> found = default;
        Eventually.True(() => Watcher.Events.TryRead(out found), what);
        return found;
    }

    /// <summary>The next events are these, whether by the kernel's word or by looking, in this order.</summary>
    internal void Expect(params string[] events)
    {
        foreach (string expected in events)
        {
            Assert.Equal(expected, Text(Next(expected)).TrimEnd('?', ' '));
        }
    }

    /// <summary>Everything that happened before this is what was expected, and nothing else.</summary>
    internal void ExpectNothingElse() => Assert.Empty(Rest());

    /// <summary>The events of all that happened before this.</summary>
    internal List<string> Rest() => [.. RestOfEvents().Select(Text)];

    /// <summary>The events of all that happened before this.</summary>
    internal List<FileEvent<string?>> RestOfEvents()
    {
        File.WriteAllText(_end.At("end"), (++_ends).ToString(CultureInfo.InvariantCulture));
        List<FileEvent<string?>> events = [];
        while (true)
        {
            FileEvent<string?> next = Next("the end of the trace");
            if (next.Tag == "end")
            {
                if (next.Kind == FileEventKind.CloseWrite)
                {
                    return events;
                }
            }
            else
            {
                events.Add(next);
            }
        }
    }

    internal static string Text(FileEvent<string?> e) => $"{e.Kind} {e.Tag}{(e.IsInferred ? "?" : "")}".TrimEnd();
}
