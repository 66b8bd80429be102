using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Watching;
using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>
/// A subscriber that keeps a mirror. It says "ready", a line for each notice, and "seen PATH" for files whose name
/// begins with "seen"; with fds=yes one for each file that comes open, with fds=quiet none. Commands: "check" (all that
/// happened is in the mirror, and the mirror is what its globs let through of the disk: "wrong TEXT", then "checked
/// COUNT"), "sync" ("synced"), "save FILE" ("saved POSITION"), "position" ("position TEXT"), "cpu" ("cpu
/// MICROSECONDS"), "count" ("count CHANGES FILES").
/// </summary>
internal sealed partial class Subscribing
{
    private readonly string _root;
    private readonly string? _stateFile;
    private readonly bool _tellsFiles;
    private readonly PathFilter _filter;
    private readonly BusClient _client;
    private readonly BusSubscription _subscription;
    private readonly Lock _gate = new();
    private readonly MirrorReader _mirror = new() { KeepsChanges = false };
    private ChangePosition _position;
    private long _count;
    private long _files;

    private Subscribing(BusClient client, string root, string[] words)
    {
        _client = client;
        _root = root;
        _stateFile = Parts.Option(words, "state");
        _tellsFiles = Parts.Option(words, "fds") == "yes";
        bool isRestored = _stateFile is not null && File.Exists(_stateFile);
        if (isRestored)
        {
            Restore();
        }

        var options = new SubscribeOptions
        {
            ReportInitial = Parts.Option(words, "initial") != "no",
            WithDescriptors = Parts.Option(words, "fds") is not null,
            Since = Parts.Option(words, "since") is { } since ? ChangePosition.Parse(since) : _position,
        };
        Parts.Options(words, "include").ForEach(options.Include.Add);
        Parts.Options(words, "ignore").ForEach(options.Ignore.Add);
        _filter = new PathFilter(options.Include, options.Ignore);
        _subscription = client.SubscribeAsync(root, options);
    }

    internal static async Task RunAsync(string[] words)
    {
        await using BusClient client = await BusClient.ConnectAsync(new BusClientOptions
        {
            SocketPath = words[0],
            AllowLocal = Parts.Option(words, "local") == "yes",
        });
        var subscriber = new Subscribing(client, words[1], words[2..]);
        Task reading = subscriber.ReadAsync();
        Task listening = Task.Run(subscriber.ListenAsync);
        await await Task.WhenAny(reading, listening);
    }

    private async Task ReadAsync()
    {
        await foreach (FileChange change in _subscription)
        {
            lock (_gate)
            {
                _mirror.Apply(change);
                _count++;
                _position = change.Position;
            }

            if (change.Kind >= FileChangeKind.Ready)
            {
                Parts.Say($"{KindOf(change)} {change.Position} {change.Notice?.Reason?.ReplaceLineEndings(" ")}");
            }
            else if (change.Handle is not null || change.HandleFailure != Platform.Failure.None)
            {
                LookAtFile(change);
            }
            else if (Path.GetFileName(change.Path).StartsWith("seen", StringComparison.Ordinal))
            {
                Parts.Say($"seen {KindOf(change)} {change.Path}");
            }

            // Where it was killed, it goes on from what it saved last.
            if (_stateFile is not null && _count % 100 == 0)
            {
                Save();
            }
        }

        Parts.Say("ended");
    }

    private static string KindOf(in FileChange change) => change.Kind.ToString().ToLowerInvariant();

    private void LookAtFile(in FileChange change)
    {
        _files++;
        using var file = change.Handle;
        if (!_tellsFiles)
        {
            return;
        }

        if (file is null)
        {
            Parts.Say($"without {KindOf(change)} {change.HandleFailure} {change.Path}");
            return;
        }

        byte[] bytes = new byte[64];
        int length = (int)Read(file, bytes, bytes.Length);
        string canWrite = "no";
        try
        {
            RandomAccess.Write(file, "x"u8, 0);
            canWrite = "yes";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As it should be.
        }

        Parts.Say($"file {KindOf(change)} {change.Path} {canWrite} {Encoding.UTF8.GetString(bytes, 0, length)}");
    }

    // read(2), as programs in C do: from the position of the open file.
    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(SafeFileHandle file, [Out] byte[] bytes, nint count);

    private async Task ListenAsync()
    {
        while (Console.In.ReadLine() is { } line)
        {
            switch (line.Split(' ')[0])
            {
                case "sync":
                    await _subscription.SyncAsync();
                    Parts.Say("synced");
                    break;
                case "check":
                    await CheckAsync();
                    break;
                case "save":
                    Save();
                    Parts.Say($"saved {_position}");
                    break;
                case "position":
                    Parts.Say($"position {_subscription.Position}");
                    break;
                case "count":
                    Parts.Say($"count {_count} {_files}");
                    break;
                case "status":
                    Parts.Say($"status {await _client.StatusAsync()}");
                    break;
                case "cpu":
                    long micros = (long)Process.GetCurrentProcess().TotalProcessorTime.TotalMicroseconds;
                    Parts.Say(string.Create(CultureInfo.InvariantCulture, $"cpu {micros}"));
                    break;
                default:
                    Parts.Say($"error unknown command {line}");
                    break;
            }
        }
    }

    private async Task CheckAsync()
    {
        await _subscription.SyncAsync();
        lock (_gate)
        {
            foreach (string line in _mirror.Faults.Concat(_mirror.DifferencesFrom(ReadDisk())).Take(20))
            {
                Parts.Say($"wrong {line.ReplaceLineEndings(" ")}");
            }

            Parts.Say($"checked {_mirror.Count} {_mirror.Overflows}");
        }
    }

    // What its globs let through of what is there; the root itself always.
    private Dictionary<string, EntryType> ReadDisk()
    {
        Dictionary<string, EntryType> disk = DiskWalk.Read(_root);
        int length = Encoding.UTF8.GetByteCount(_root);
        foreach ((string path, EntryType type) in disk)
        {
            byte[] below = Encoding.Latin1.GetBytes(path[Math.Min(path.Length, length + 1)..]);
            if (below.Length > 0 && !_filter.IsReportedInAll(below, type == EntryType.Directory))
            {
                _ = disk.Remove(path);
            }
        }

        return disk;
    }

    // In one step, so that position and mirror always fit.
    private void Save()
    {
        lock (_gate)
        {
            IEnumerable<string> lines =
                from entry in _mirror.Entries
                select $"{(int)entry.Value}{Convert.ToBase64String(Encoding.Latin1.GetBytes(entry.Key))}";
            File.WriteAllLines(_stateFile + ".new", lines.Prepend(_position.ToString()));
            File.Move(_stateFile + ".new", _stateFile!, overwrite: true);
        }
    }

    private void Restore()
    {
        string[] lines = File.ReadAllLines(_stateFile!);
        _ = ChangePosition.TryParse(lines[0], out _position);
        foreach (string line in lines.Skip(1))
        {
            string path = Encoding.Latin1.GetString(Convert.FromBase64String(line[1..]));
            _mirror.Restore(path, (EntryType)(line[0] - '0'));
        }
    }
}
