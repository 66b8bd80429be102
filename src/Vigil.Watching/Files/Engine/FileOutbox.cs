using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Vigil.Watching;

/// <summary>
/// What was told and the channel has no room for yet. Only what one look at the kernel's queue brought gathers here:
/// the next is taken when all of this is in the channel, so a slow reader fills the kernel's queue, not the memory.
/// </summary>
internal sealed class FileOutbox<TTag> : IFileEventSink
{
    private readonly Channel<FileEvent<TTag>> _channel;
    private readonly RoomWaiter<FileEvent<TTag>> _room;
    private readonly bool _isRendezvous;
    private List<FileEvent<TTag>> _gathered = [];
    private List<FileEvent<TTag>> _flushed = [];

    internal FileOutbox(int capacity)
    {
        // Without a buffer, an event lies where its reader finds it, and nothing else is done until it was taken.
        _isRendezvous = capacity == 0;
        _channel = Channel.CreateBounded<FileEvent<TTag>>(new BoundedChannelOptions(Math.Max(capacity, 1))
        {
            SingleWriter = true,
            AllowSynchronousContinuations = false,
        });
        _room = new RoomWaiter<FileEvent<TTag>>(_channel);
    }

    public bool IsIdle => _gathered.Count == 0 && _flushed.Count == 0;

    internal ChannelReader<FileEvent<TTag>> Reader => _channel.Reader;

    public void Tell(FileEventKind kind, WatchedFile? file, string path, bool isInferred, string? reason)
    {
        TTag? tag = file is WatchedFile<TTag> tagged ? tagged.Tag : default;
        _gathered.Add(new FileEvent<TTag>(kind, tag, path, isInferred, reason));
    }

    public void Flush(Lock gate, CancellationToken stopping)
    {
        while (true)
        {
            lock (gate)
            {
                _flushed.Clear();
                (_flushed, _gathered) = (_gathered, _flushed);
            }

            if (_flushed.Count == 0)
            {
                return;
            }

            foreach (ref readonly FileEvent<TTag> e in CollectionsMarshal.AsSpan(_flushed))
            {
                Write(in e, stopping);
            }
        }
    }

    public void Complete(Exception? error) => _channel.Writer.TryComplete(error);

    private void Write(in FileEvent<TTag> e, CancellationToken stopping)
    {
        _ = _room.Write(in e, stopping);
        if (_isRendezvous)
        {
            _room.WaitUntilEmpty(stopping);
        }
    }
}
