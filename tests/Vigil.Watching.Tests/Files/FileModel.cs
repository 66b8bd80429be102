using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>The disk that a random test changes, and the reader that follows the events.</summary>
internal sealed class FileModel : IDisposable
{
    private static readonly string[] Directories = ["a", "a/b", "a/b/c", "d", "d/e", "out"];
    private static readonly string[] Files =
        [.. from directory in (string[])["a", "a/b", "a/b/c", "d", "d/e", "cur", "cur/c", "deep/cur"]
            from name in (string[])["f", "g", "link"]
            select $"{directory}/{name}"];

    // Those that its own reading does not cause.
    private const FileEventKinds Kinds = FileEventKinds.All
        & ~(FileEventKinds.Open | FileEventKinds.Access | FileEventKinds.CloseNoWrite);

    private const int PatienceMs = 5;

    private readonly Random _random;
    private readonly TempTree _tree = new();
    private readonly FileWatcher<int> _watcher;
    private readonly Dictionary<string, string?> _seen = [];
    private readonly List<(SafeFileHandle Handle, long Offset)> _held = [];
    private readonly Queue<string> _log = new();
    private int _writes;

    internal FileModel(Random random, int capacity)
    {
        _random = random;
        _watcher = new FileWatcher<int>(
            capacity,
            new FileWatcherOptions { Kinds = random.Next(2) == 0 ? FileEventKinds.Contents : Kinds });
    }

    public void Dispose()
    {
        _held.ForEach(held => held.Handle.Dispose());
        _watcher.Dispose();
        _tree.Dispose();
    }

    internal void Run(int operations)
    {
        foreach (string file in Files)
        {
            Toggle(file);
        }

        for (int i = 0; i < operations; i++)
        {
            Change();
            if (_random.Next(40) == 0)
            {
                Read();
            }
            else if (_random.Next(150) == 0)
            {
                Settle();
            }
        }

        _held.ForEach(held => held.Handle.Dispose());
        _held.Clear();
        Settle();
    }

    // In the end the reader has what the disk has, and goes on having it.
    private void Settle()
    {
        foreach ((SafeFileHandle handle, _) in _held)
        {
            handle.Dispose();
        }

        _held.Clear();
        Eventually.Passes(
            () =>
            {
                Read();
                foreach ((string file, string? text) in _seen)
                {
                    Assert.True(
                        text == Look(file),
                        $"{file}: '{text}' was told, '{Look(file)}' is there\n{string.Join('\n', _log)}");
                }
            },
            "the reader to have what the disk has");
    }

    private void Read()
    {
        Assert.Null(_watcher.Events.Completion.Exception);
        // With little room in the channel each event comes after the one before was taken.
        while (SpinWait.SpinUntil(() => _watcher.Events.TryPeek(out _), PatienceMs)
            && _watcher.Events.TryRead(out FileEvent<int> e))
        {
            Log($"    told: {e}");
            if (e.IsNotice || !_seen.ContainsKey(Files[e.Tag]))
            {
                continue;
            }

            Assert.Equal(_tree.At(Files[e.Tag]), e.Path);
            if (e.Kind == FileEventKind.CloseWrite)
            {
                _seen[Files[e.Tag]] = Look(Files[e.Tag]);
            }
            else if (e.Kind == FileEventKind.Delete)
            {
                _seen[Files[e.Tag]] = null;
            }
        }
    }

    private string? Look(string file)
    {
        try
        {
            return File.ReadAllText(_tree.At(file));
        }
        catch (UnauthorizedAccessException)
        {
            return "a directory";
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Toggle(string file)
    {
        if (_seen.Remove(file))
        {
            Log($"remove {file}");
            Assert.True(_watcher.Remove(_tree.At(file), out _));
            return;
        }

        Log($"add {file}");
        Assert.True(_watcher.Add(_tree.At(file), Array.IndexOf(Files, file), out _));
        _seen[file] = Look(file);
    }

    private void Change()
    {
        string file = Pick(Files);
        string directory = Pick(Directories);
        int what = _random.Next(24);
        Log($"{what}: {file} {directory}");
        try
        {
            Change(what, file, directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What it needs is not there now.
            Log($"    {e.GetType().Name}");
        }
    }

    private void Change(int what, string file, string directory)
    {
        switch (what)
        {
            case < 5:
                File.WriteAllText(_tree.At(file), Text());
                break;
            case < 7:
                File.AppendAllText(_tree.At(file), Text());
                break;
            case < 10:
                File.WriteAllText(_tree.At("new"), Text());
                _tree.Rename("new"u8, Encoding.UTF8.GetBytes(file));
                break;
            case < 12:
                File.Delete(_tree.At(file));
                break;
            case 12:
                _tree.Rename(Encoding.UTF8.GetBytes(file), Encoding.UTF8.GetBytes(Pick(Files)));
                break;
            case 13:
                Hold(file);
                break;
            case 14 when _held.Count > 0:
                _held[0].Handle.Dispose();
                _held.RemoveAt(0);
                break;
            case 15:
                Directory.Delete(_tree.At(directory), recursive: true);
                break;
            case < 19:
                Directory.CreateDirectory(_tree.At(directory));
                break;
            case 19:
                _tree.Rename(Encoding.UTF8.GetBytes(directory), Encoding.UTF8.GetBytes(Pick(Directories)));
                break;
            case 20:
                Link("cur", Pick(Directories));
                break;
            case 21:
                Directory.CreateDirectory(_tree.At("deep"));
                Link("deep/cur", "../" + Pick((string[])["a", "cur", "a/b", "d/../a"]));
                break;
            case 22:
                Link(file, _tree.At(Pick(Files)));
                break;
            default:
                Toggle(file);
                break;
        }
    }

    private void Link(string path, string target)
    {
        Log($"    {path} -> {target}");
        File.CreateSymbolicLink(_tree.At("link"), target);
        try
        {
            _tree.Rename("link"u8, Encoding.UTF8.GetBytes(path));
        }
        finally
        {
            File.Delete(_tree.At("link"));
        }
    }

    private void Hold(string file)
    {
        SafeFileHandle handle = File.OpenHandle(_tree.At(file), FileMode.OpenOrCreate, FileAccess.Write);
        _held.Add((handle, 0));
        RandomAccess.Write(handle, Encoding.UTF8.GetBytes(Text()), 0);
    }

    private string Text() => (++_writes).ToString("d6", CultureInfo.InvariantCulture);

    private string Pick(string[] from) => from[_random.Next(from.Length)];

    private void Log(string line)
    {
        _log.Enqueue(line);
        if (_log.Count > 200)
        {
            _log.Dequeue();
        }
    }
}
