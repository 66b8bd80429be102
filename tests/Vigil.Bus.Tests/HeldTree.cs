using System.Text;
using System.Threading.Channels;
using Vigil.Bus.Records;
using Vigil.Bus.Trees;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>A watched tree whose changes a test makes itself, so that it chooses where a batch ends.</summary>
internal sealed class HeldTree : IAsyncDisposable
{
    private readonly TempTree _directory = TempTree.InMemory();
    private readonly Channel<FileChange> _changes = Channel.CreateUnbounded<FileChange>();
    private readonly List<IDisposable> _held = [];
    private long _number;

    private HeldTree(BusServerOptions options) => Tree = new WatchedTree(_directory.Path, options);

    internal WatchedTree Tree { get; }

    internal string Root => Tree.Root;

    /// <summary>The number of the change that was told last.</summary>
    internal long Number => _number;

    internal static async Task<HeldTree> StartAsync(BusServerOptions? options = null)
    {
        var held = new HeldTree(options ?? new BusServerOptions { RingBytes = 64 << 10 });
        await held.Tree.Ready;
        held._number = held.Tree.Through;
        return held;
    }

    /// <summary>What a subscriber wants of all of it.</summary>
    internal SieveRules Rules(string[]? include = null, string[]? exclude = null) =>
        new(Tree.RootBytes, IsWhole: true, FileChangeKinds.All, include ?? [], exclude ?? []);

    /// <summary>What a subscriber of a directory in it wants.</summary>
    internal SieveRules RulesBelow(string path) =>
        new(Encoding.UTF8.GetBytes($"{Root}/{path}"), IsWhole: false, FileChangeKinds.All, [], []);

    /// <summary>One change, to be taken with others by <see cref="Take"/>.</summary>
    /// <returns>Its number.</returns>
    internal long Tell(FileChangeKind kind, string path, string? oldPath = null, EntryType type = EntryType.File)
    {
        byte[] full = Encoding.UTF8.GetBytes($"{Root}/{path}");
        byte[] old = oldPath is null ? [] : Encoding.UTF8.GetBytes($"{Root}/{oldPath}");
        Assert.True(_changes.Writer.TryWrite(FileChange.Create(
            [.. full, .. old],
            0,
            full.Length,
            old.Length,
            new FileChangeOrigin
            {
                Kind = kind,
                Type = type,
                Sequence = ++_number,
                TimeTicks = DateTime.UtcNow.Ticks,
            })));
        return _number;
    }

    /// <summary>Takes what was told as one batch.</summary>
    internal void Take() => Tree.TakeBatch(_changes.Reader);

    /// <summary>Subscribes.</summary>
    internal async Task<(RingConsumer Ring, JoinedFeed Joined)> JoinAsync(
        SieveRules rules, long? after = null, (uint, uint)? descriptors = null, uint? foreign = null)
    {
        UnixSocket here = UnixSocket.CreatePair(out UnixSocket there);
        _held.Add(here);
        _held.Add(there);
        (JoinedFeed? joined, RingStatus status) =
            await Tree.JoinAsync(rules, descriptors, here, after, _ => true, foreign);
        Assert.Equal(RingStatus.Ok, status);
        RingConsumer ring = RingConsumer.Join(there);
        _held.Add(ring);
        return (ring, joined!);
    }

    /// <summary>What a subscriber has to read: kinds and paths below the root.</summary>
    internal string[] Read(RingConsumer ring)
    {
        var texts = new List<string>();
        foreach (RingMessage message in ring.ReadBatch())
        {
            Assert.True(ChangeRecord.TryRead(message.Payload, out ChangeRecord record));
            texts.Add(Describe(record));
        }

        return [.. texts];
    }

    /// <summary>A record in words.</summary>
    internal string Describe(in ChangeRecord record) => record.Kind == RecordFields.Mark
        ? "Mark"
        : $"{(FileChangeKind)record.Kind} {Encoding.UTF8.GetString(record.Path)[(Root.Length + 1)..]}";

    public async ValueTask DisposeAsync()
    {
        _held.ForEach(held => held.Dispose());
        await Tree.DisposeAsync();
        _directory.Dispose();
    }
}
