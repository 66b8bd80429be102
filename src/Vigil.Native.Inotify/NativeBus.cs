using System.Threading.Channels;
using Vigil.Bus;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>
/// A subscription, or the answer to a question about the past, as a C program sees it. Thread-safe.
/// </summary>
/// <remarks>
/// One task takes the changes from the client and keeps up to a number of them for the caller. Where there is no room
/// it takes no more, and then all is as with every slow subscriber: the server does not wait, and tells what was missed
/// later. Open files among those that are kept count against the descriptors of the program, so with files fewer are
/// kept.
/// </remarks>
internal sealed class NativeBus : NativeStream
{
    private readonly BusClient _client;

    // Null where it is the answer to a question.
    private readonly BusSubscription? _subscription;
    private readonly Channel<FileChange> _kept;
    private readonly CancellationTokenSource _ending;
    private readonly Task _pump;

    // After what was read last, or later. Under the gate.
    private ChangePosition _position;

    private NativeBus(
        BusClient client,
        BusSubscription? subscription,
        IAsyncEnumerator<FileChange> changes,
        Channel<FileChange> kept,
        CancellationTokenSource ending,
        EventFd ready)
        : base(kept.Reader, ready)
    {
        _client = client;
        _subscription = subscription;
        _kept = kept;
        _ending = ending;
        _pump = Task.Run(() => PumpAsync(changes));
    }

    protected override ReadOnlySpan<byte> ClosedText => "the subscription was closed\0"u8;

    protected override ReadOnlySpan<byte> EndText => "nothing more will come: all was told, or the root is gone\0"u8;

    protected override unsafe int StrideBytes => sizeof(NativeBusChange);

    /// <summary>Subscribes; returns when nothing is missed any more.</summary>
    internal static NativeBus Subscribe(string root, BusRequest request) => Open(request, client =>
    {
        BusSubscription subscription = client.SubscribeAsync(root, request.Subscribe);
        return (subscription, subscription);
    });

    /// <summary>Asks what happened since a position; returns with the answer.</summary>
    internal static NativeBus Since(string root, BusRequest request)
    {
        request.Client.AllowLocal = false; // there would be no history
        return Open(request, client => (null, client.SinceAsync(root, request.Subscribe.Since, request.Subscribe)));
    }

    /// <summary>Where the history of a tree is now.</summary>
    internal static ChangePosition Clock(string root, BusRequest request)
    {
        request.Client.AllowLocal = false;
        BusClient client = Connect(request.Client);
        try
        {
            return client.ClockAsync(root).GetAwaiter().GetResult();
        }
        finally
        {
            Dispose(client);
        }
    }

    /// <summary>Waits until all that happened before is kept for the caller.</summary>
    internal int Sync(int timeoutMs)
    {
        if (_subscription is null)
        {
            return LastError.Set(Errno.EOPNOTSUPP, "the answer of vigil_bus_since has all that it will have\0"u8);
        }

        using var limit = new CancellationTokenSource();
        Task answered = _subscription.SyncAsync(limit.Token);
        if (!answered.Wait(Math.Max(timeoutMs, Timeout.Infinite)))
        {
            limit.Cancel();
            return LastError.Set(
                Errno.ETIMEDOUT, "the server's word is not there yet; read what is waiting, and try again\0"u8);
        }

        _ = IsReady();
        return Errno.Ok;
    }

    /// <summary>The position after everything that was read.</summary>
    internal ChangePosition Position
    {
        get
        {
            lock (Gate)
            {
                // Asked before it is looked whether something waits: what that position has behind it was kept by then.
                // Where nothing waits, only what was not for this subscription lies between it and what was read last.
                ChangePosition told = _subscription?.Position ?? default;
                if (told.Epoch == _position.Epoch && told.Number > _position.Number && !_kept.Reader.TryPeek(out _))
                {
                    _position = told;
                }

                return _position;
            }
        }
    }

    protected override unsafe void Take(in FileChange change, NativeChange* into)
    {
        _position = change.Position;
        var whole = (NativeBusChange*)into;
        whole->Position = new NativePosition(change.Position);
        whole->Descriptor = -1;
        whole->DescriptorError = BusError.ErrnoOf(change.HandleFailure);
        whole->Reserved = 0;
        if (change.Handle is { IsInvalid: false, IsClosed: false } file)
        {
            // From here on it is the caller's, and nobody here closes it.
            whole->Descriptor = (int)file.DangerousGetHandle();
            file.SetHandleAsInvalid();
        }
    }

    protected override int Tell(Exception failure) => BusError.Set(failure);

    protected override void Stop()
    {
        _ending.Cancel();
        _pump.Wait();
        lock (Gate)
        {
            while (_kept.Reader.TryRead(out FileChange unread))
            {
                unread.Handle?.Dispose();
            }
        }

        Dispose(_client);
        _ending.Dispose();
    }

    private static NativeBus Open(
        BusRequest request, Func<BusClient, (BusSubscription?, IAsyncEnumerable<FileChange>)> ask)
    {
        EventFd ready = EventFd.Create();
        var ending = new CancellationTokenSource();
        BusClient? client = null;
        IAsyncEnumerator<FileChange>? changes = null;
        try
        {
            client = Connect(request.Client);
            (BusSubscription? subscription, IAsyncEnumerable<FileChange> stream) = ask(client);
            changes = stream.GetAsyncEnumerator(ending.Token);

            // The first says that nothing is missed from here on, or fails.
            _ = changes.MoveNextAsync().AsTask().GetAwaiter().GetResult();
            Channel<FileChange> kept = Channel.CreateBounded<FileChange>(request.Capacity);
            _ = kept.Writer.TryWrite(changes.Current);
            return new NativeBus(client, subscription, changes, kept, ending, ready);
        }
        catch
        {
            changes?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Dispose(client);
            ending.Dispose();
            ready.Dispose();
            throw;
        }
    }

    private static BusClient Connect(BusClientOptions options) =>
        BusClient.ConnectAsync(options).GetAwaiter().GetResult();

    private static void Dispose(BusClient? client) => client?.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task PumpAsync(IAsyncEnumerator<FileChange> changes)
    {
        Exception? failure = null;
        try
        {
            while (await changes.MoveNextAsync().ConfigureAwait(false))
            {
                if (!await TryKeepAsync(changes.Current).ConfigureAwait(false))
                {
                    break;
                }
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        try
        {
            await changes.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure ??= e;
        }

        _ = _kept.Writer.TryComplete(failure);
    }

    private async ValueTask<bool> TryKeepAsync(FileChange change)
    {
        try
        {
            await _kept.Writer.WriteAsync(change, _ending.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            change.Handle?.Dispose();
            return false;
        }
    }
}
