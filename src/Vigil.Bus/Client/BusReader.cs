using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Vigil.Bus.Records;
using Vigil.Bus.Trees;
using Vigil.Bus.Wire;
using Vigil.Platform.Linux;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Client;

/// <summary>
/// Reads a subscription: first what leads to now, then the ring; and when that is lost, whatever the reason, subscribes
/// again since what it told last.
/// </summary>
internal sealed class BusReader : IChangeReader
{
    private const int RecordsAtATime = 1024;

    // A file that vanishes may be in the middle of a save. A watcher of nothing but that file waits half as long.
    private const int FileAwayMs = 1000;
    private const int LastLookMs = 50;

    private readonly BusClient _client;
    private readonly byte[] _root;
    private readonly SubscribeOptions _options;
    private readonly PendingSyncs _syncs;
    private readonly ReconnectPace _pace;
    private readonly ChangeDecoder _decoder;
    private readonly byte[] _copy = new byte[64 << 10];
    private readonly Lock _gate = new();
    private Stage _stage = Stage.Connecting;
    private BusConnection? _connection;
    private RingConsumer? _ring;
    private SharedRecords? _records;
    private CaughtUpMessage? _caughtUp;
    private uint _subscriberId;
    private ChangePosition _at;
    private TimeSpan _pause;
    private long? _awaySince;
    private long? _missingSince;
    private bool _isAgain;
    private bool _isDisposed;

    internal BusReader(
        BusClient client, byte[] root, SubscribeOptions options, PendingSyncs syncs, ReconnectPace pace)
    {
        _client = client;
        _root = root;
        _options = options;
        _syncs = syncs;
        _pace = pace;
        _decoder = new ChangeDecoder(root);
        _at = options.Since;
    }

    private enum Stage
    {
        Connecting = 0,
        CatchingUp,
        Live,
        Ended,
    }

    public ChangePosition Position => _at;

    /// <summary>Whether it has told anything: then it goes on, and does not begin.</summary>
    internal bool HasBegun => _isAgain;

    /// <summary>The number of the last change that it told.</summary>
    internal long Sequence => _decoder.Sequence;

    public async ValueTask<bool> FillAsync(List<FileChange> changes, CancellationToken cancellation)
    {
        while (changes.Count == 0)
        {
            switch (_stage)
            {
                case Stage.Connecting:
                    await ConnectAsync(changes, cancellation).ConfigureAwait(false);
                    break;
                case Stage.CatchingUp:
                    CatchUp(changes);
                    break;
                case Stage.Live:
                    if (await ReadAsync(changes, cancellation).ConfigureAwait(false))
                    {
                        // A sync was answered, and nothing else: who waits for it need not wait for a change.
                        return true;
                    }

                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    public void RequestSync(uint number)
    {
        lock (_gate)
        {
            if (_stage == Stage.Live || _stage == Stage.CatchingUp)
            {
                _connection?.Send(new MessageWriter(MessageKind.Sync).Write(number).ToArray());
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Disconnect();
        }

        return ValueTask.CompletedTask;
    }

    private void Disconnect()
    {
        lock (_gate)
        {
            _ring?.Dispose();
            _ring = null;
            _records?.Dispose();
            _records = null;
            _connection?.Dispose();
            _connection = null;
        }
    }

    private async Task ConnectAsync(List<FileChange> changes, CancellationToken cancellation)
    {
        await Task.Delay(_pause, cancellation).ConfigureAwait(false);
        BusConnection? connection = null;
        try
        {
            connection = await _client.OpenAsync(cancellation, _isAgain ? _pace.Left : null).ConfigureAwait(false);
            _pace.Reach();
            WatchNotice ready = await SubscribeAsync(connection, cancellation).ConfigureAwait(false);
            _missingSince = null;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                _connection = connection;
                _stage = Stage.CatchingUp;
                if (_syncs.UnderWay is var sync and not 0)
                {
                    RequestSync(sync);
                }
            }

            TellBeginning(changes, ready);
        }
        catch (BusException e) when (_isAgain && MayPass(e.Problem) && !_pace.IsOver)
        {
            // It came back only to go again, or has no room at the moment.
            connection?.Dispose();
            Disconnect();
            _pause = _pace.Lose(isMute: e.Problem == BusProblem.TimedOut);
        }
        catch (BusException e) when (_isAgain && e.Problem == BusProblem.Unwatchable)
        {
            // A file that is not there may be in the middle of a save, as it is for who watches.
            connection?.Dispose();
            Disconnect();
            _missingSince ??= Environment.TickCount64;
            _pause = TimeSpan.FromMilliseconds(LastLookMs);
            if (Environment.TickCount64 - _missingSince >= FileAwayMs)
            {
                // The root went while nobody watched it.
                _stage = Stage.Ended;
                changes.Add(_decoder.Gone(_at, e.Message));
            }
        }
        catch
        {
            connection?.Dispose();
            Disconnect();
            throw;
        }
    }

    private static bool MayPass(BusProblem problem) =>
        problem is BusProblem.NoServer or BusProblem.Ended or BusProblem.TimedOut or BusProblem.TooMany;

    private async Task<WatchNotice> SubscribeAsync(BusConnection connection, CancellationToken cancellation)
    {
        bool goesOn = _isAgain || !_at.IsNone;
        connection.Send(new SubscribeMessage
        {
            Root = _root,
            Kinds = _options.Kinds,
            Flags = (goesOn ? SubscribeFlags.Since : SubscribeFlags.None)
                | (_options.ReportInitial ? SubscribeFlags.Initial : SubscribeFlags.None)
                | (_options.WithDescriptors ? SubscribeFlags.Descriptors : SubscribeFlags.None),
            Since = _at,
            Include = [.. _options.Include],
            Exclude = [.. _options.Ignore],
        }.Write(MessageKind.Subscribe));
        long start = Stopwatch.GetTimestamp();
        SubscribedMessage subscribed = await ReceiveSubscribedAsync(connection, cancellation).ConfigureAwait(false);
        _subscriberId = subscribed.SubscriberId;
        _decoder.Epoch = subscribed.Position.Epoch;
        _decoder.RealRoot = subscribed.Root;

        // The ring is sent right behind the answer, and from here on nothing is missed.
        await connection.WaitForRingAsync(cancellation).ConfigureAwait(false);
        _ring = Join(connection, cancellation);
        (_caughtUp, _records) = await ReceiveCaughtUpAsync(connection, cancellation).ConfigureAwait(false);
        return new WatchNotice
        {
            Directories = subscribed.Notice.Directories,
            Entries = subscribed.Notice.Entries,
            Backend = subscribed.Notice.Backend,
            Elapsed = Stopwatch.GetElapsedTime(start),
        };
    }

    private static RingConsumer Join(BusConnection connection, CancellationToken cancellation)
    {
        try
        {
            return RingConsumer.Join(connection.Socket, options: null, cancellation);
        }
        catch (RingException e)
        {
            throw new BusException(
                e.Status == RingStatus.Protocol ? BusProblem.Protocol : BusProblem.Ended, e.Message);
        }
    }

    private static async Task<SubscribedMessage> ReceiveSubscribedAsync(
        BusConnection connection, CancellationToken cancellation)
    {
        (ReadOnlyMemory<byte> message, MemoryFile? file) =
            await connection.ReceiveAsync(MessageKind.Subscribed, cancellation).ConfigureAwait(false);
        file?.Dispose();
        var reader = new MessageReader(message.Span);
        return SubscribedMessage.Read(ref reader);
    }

    internal static async Task<(CaughtUpMessage Message, SharedRecords Records)> ReceiveCaughtUpAsync(
        BusConnection connection, CancellationToken cancellation)
    {
        (ReadOnlyMemory<byte> bytes, MemoryFile? file) =
            await connection.ReceiveAsync(MessageKind.CaughtUp, cancellation).ConfigureAwait(false);
        CaughtUpMessage message = Read(bytes.Span);
        return (message, new SharedRecords(file, message.LengthBytes));

        static CaughtUpMessage Read(ReadOnlySpan<byte> bytes)
        {
            var reader = new MessageReader(bytes);
            return CaughtUpMessage.Read(ref reader);
        }
    }

    private void TellBeginning(List<FileChange> changes, WatchNotice ready)
    {
        CatchUpMode mode = _caughtUp!.Mode;
        bool hasState = mode is CatchUpMode.State or CatchUpMode.Fresh;

        // What was asked for as the way to now is not there before its end.
        _at = mode == CatchUpMode.History ? _at : new ChangePosition(_decoder.Epoch, hasState ? 0 : Through);
        if (!_isAgain)
        {
            changes.Add(_decoder.Notice(FileChangeKind.Ready, _at.Number, ready));
        }

        if (mode == CatchUpMode.Fresh)
        {
            changes.Add(_decoder.Notice(FileChangeKind.Fresh, 0, new WatchNotice
            {
                Reason = "the changes since then are not kept; what is there follows",
            }));
        }
    }

    private long Through => _caughtUp!.Position.Number;

    private void CatchUp(List<FileChange> changes)
    {
        // What tells that the root is gone ends it, and takes the records away.
        while (_stage == Stage.CatchingUp && changes.Count < RecordsAtATime
            && _records!.TryRead(out ChangeRecord record))
        {
            Take(record, changes, file: null, isLate: _options.WithDescriptors);
        }

        if (changes.Count >= RecordsAtATime || _stage == Stage.Ended)
        {
            return;
        }

        _at = new ChangePosition(_decoder.Epoch, Through);
        _records!.Dispose();
        if (_isAgain || _caughtUp!.Mode == CatchUpMode.Fresh)
        {
            changes.Add(_decoder.Notice(FileChangeKind.Rescanned, Through, notice: null));
        }

        lock (_gate)
        {
            _stage = Stage.Live;
        }
    }

    // True where a sync was answered.
    private async ValueTask<bool> ReadAsync(List<FileChange> changes, CancellationToken cancellation)
    {
        bool isAnswered = false;
        try
        {
            RingConsumer ring = _ring ?? throw new ObjectDisposedException(nameof(BusSubscription));
            bool hasMessage = _awaySince is { } since
                ? await WaitForFileAsync(ring, since, changes, cancellation).ConfigureAwait(false)
                : await ring.WaitAsync(cancellation).ConfigureAwait(false);
            if (!hasMessage && _stage != Stage.Ended)
            {
                Lose(changes, LastWord ?? "the server is gone");
            }

            isAnswered = hasMessage && ReadBatch(ring, changes);
        }
        catch (RingEvictedException e)
        {
            _pace.Confirm();
            Lose(changes, LastWord ?? $"the server did not wait any longer ({e.Reason})");
        }
        catch (RingException e)
        {
            Lose(changes, LastWord ?? e.Message);
        }

        return isAnswered;
    }

    private async ValueTask<bool> WaitForFileAsync(
        RingConsumer ring, long since, List<FileChange> changes, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int passedMs = (int)Math.Min(FileAwayMs, Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        limited.CancelAfter(Math.Max(LastLookMs, FileAwayMs - passedMs));
        try
        {
            return await ring.WaitAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            changes.Add(_decoder.Gone(_at, "it was removed, or moved to another place"));
            _stage = Stage.Ended;
            Disconnect();
            return false;
        }
    }

    private bool ReadBatch(RingConsumer ring, List<FileChange> changes)
    {
        bool isAnswered = false;
        foreach (RingMessage message in ring.ReadBatch())
        {
            // Copied before it is looked at, and believed only if it was whole by then.
            ReadOnlySpan<byte> payload = message.Payload;
            Span<byte> copy = payload.Length <= _copy.Length ? _copy : new byte[payload.Length];
            payload.CopyTo(copy);
            bool isRead = ChangeRecord.TryRead(copy[..payload.Length], out ChangeRecord record);
            if (!message.IsIntact)
            {
                break;
            }

            if (!isRead)
            {
                throw new BusException(BusProblem.Protocol, "what the server wrote is no record");
            }

            _ = message.TryTakeDescriptors(out SafeFileHandle[] files);
            if (record.Kind == RecordFields.Mark)
            {
                isAnswered |= TakeMark(record);
            }
            else if (record.Number > Through)
            {
                Take(record, changes, files is [var file, ..] ? Own(file) : null);
                files = files.Length > 1 ? files[1..] : [];
            }

            foreach (SafeFileHandle unused in files)
            {
                unused.Dispose();
            }

            if (_stage == Stage.Ended)
            {
                break;
            }
        }

        return isAnswered;
    }

    // The others who share this feed were sent the same open file, and would find it read to its end. Where this user
    // may not open it by itself, that stays so.
    private static SafeFileHandle Own(SafeFileHandle shared)
    {
        if (!FileOpen.TryReopen(shared, OpenFlags.Read, out SafeFileHandle? own).IsSuccess)
        {
            return shared;
        }

        shared.Dispose();
        return own!;
    }

    private bool TakeMark(in ChangeRecord record)
    {
        _at = _at with { Number = Math.Max(_at.Number, record.Number) };
        if (record.Extra >> 32 != _subscriberId)
        {
            return false;
        }

        if (_syncs.Answer((uint)record.Extra) is var next and not 0)
        {
            RequestSync(next);
        }

        return true;
    }

    private void Take(in ChangeRecord record, List<FileChange> changes, SafeFileHandle? file, bool isLate = false)
    {
        var kind = (FileChangeKind)record.Kind;
        if (!IsKnown(kind))
        {
            file?.Dispose();
            return;
        }

        NoteFile(kind, record);
        if (!_decoder.IsAskedFor(record, _options.Kinds))
        {
            file?.Dispose();
        }
        else
        {
            changes.Add(_decoder.Decode(record, file, isLate));
        }

        if ((record.Fields.Flags & RecordFlags.Initial) == 0)
        {
            _pace.Deliver();
            _at = new ChangePosition(_decoder.Epoch, record.Number);
        }

        if (kind == FileChangeKind.Gone)
        {
            // The root itself: nothing more comes of it.
            _stage = Stage.Ended;
            Disconnect();
        }
    }

    private void NoteFile(FileChangeKind kind, in ChangeRecord record)
    {
        if (_awaySince is not null || kind == FileChangeKind.Deleted)
        {
            bool isRoot = record.Path.SequenceEqual(_decoder.RealRoot);
            _awaySince = !isRoot ? _awaySince
                : kind == FileChangeKind.Deleted ? Stopwatch.GetTimestamp()
                : null;
        }
    }

    private static bool IsKnown(FileChangeKind kind) =>
        kind is <= FileChangeKind.Renamed or FileChangeKind.Overflowed or FileChangeKind.Rescanned
            or FileChangeKind.Degraded or FileChangeKind.Gone;

    private string? LastWord => _connection?.TryReadLastWord();

    private void Lose(List<FileChange> changes, string reason)
    {
        lock (_gate)
        {
            _stage = Stage.Connecting;
        }

        Disconnect();
        _isAgain = true;
        _awaySince = null;
        _pause = _pace.Lose();
        changes.Add(_decoder.Notice(
            FileChangeKind.Overflowed, _at.Number, new WatchNotice { Reason = reason + "; what was missed follows" }));
    }
}
