using System.Threading.Channels;

namespace Vigil.Watching;

/// <summary>
/// What was told and the channel has no room for yet. Only what one look at the kernel's queue brought gathers here:
/// the next is taken when all of this is in the channel, so a slow reader fills the kernel's queue, not the memory.
/// </summary>
/// <remarks>
/// An event gets its tag when it goes into the channel, under the engine's gate: what waits here while its file is
/// removed does not come any more, and what waits while the tag is replaced comes with the new one.
/// </remarks>
internal sealed class FileOutbox<TTag> : IFileEventSink
{
    // More than a read of the kernel's queue brings, so that what grows beyond it is the exception.
    private const int MaxGathered = 4096;

    private readonly Channel<FileEvent<TTag>> _channel;
    private readonly RoomWaiter<FileEvent<TTag>> _room;
    private readonly bool _isRendezvous;
    private List<Entry> _gathered = [];
    private List<Entry> _sending = [];
    private int _sent;

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

    public bool IsIdle => _gathered.Count == 0 && _sending.Count == 0;

    public bool IsBehind => _sending.Count > 0 || _gathered.Count >= MaxGathered;

    internal ChannelReader<FileEvent<TTag>> Reader => _channel.Reader;

    public void Tell(FileEventKind kind, WatchedFile? file, string path, bool isInferred, string? reason) =>
        _gathered.Add(new Entry(kind, (WatchedFile<TTag>?)file, path, isInferred, reason));

    public void Flush(Lock gate, CancellationToken stopping)
    {
        int waitMs = 1;
        do
        {
            lock (gate)
            {
                int before = _sent;
                if (Send())
                {
                    return;
                }

                waitMs = _sent == before ? waitMs : 1;
            }
        }
        while (_room.Wait(ref waitMs, stopping));
    }

    public void Complete(Exception? error) => _channel.Writer.TryComplete(error);

    // Whether all of it is there where the reader is to have it.
    private bool Send()
    {
        while (true)
        {
            for (; _sent < _sending.Count; _sent++)
            {
                Entry entry = _sending[_sent];
                if (entry.File is not { IsRemoved: true } && !_channel.Writer.TryWrite(entry.ToEvent()))
                {
                    return false;
                }
            }

            if (_isRendezvous && _channel.Reader.Count != 0)
            {
                return false;
            }

            _sent = 0;
            _sending.Clear();
            if (_sending.Capacity > MaxGathered)
            {
                // After a look at very many files.
                _sending = [];
            }

            if (_gathered.Count == 0)
            {
                return true;
            }

            (_sending, _gathered) = (_gathered, _sending);
        }
    }

    private readonly record struct Entry(
        FileEventKind Kind, WatchedFile<TTag>? File, string Path, bool IsInferred, string? Reason)
    {
        internal FileEvent<TTag> ToEvent() =>
            new(Kind, File is null ? default : File.Tag, Path, IsInferred, Reason);
    }
}
