using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Vigil.Watching;

/// <summary>
/// Puts items into a bounded channel and waits, on a thread of ours, while it is full. For one writer.
/// </summary>
/// <remarks>
/// The word that there is room comes by the thread pool, which a program may have filled with work that blocks. So it
/// is a hint here: where it does not come, the channel is tried again, less and less often.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The event has no handle, as nobody asks for one.")]
internal sealed class RoomWaiter<T>
{
    private const int LongestWaitMs = 100;

    private readonly Channel<T> _channel;
    private readonly ManualResetEventSlim _woken = new();
    private volatile bool _isAsked;
    private volatile bool _isClosed;

    internal RoomWaiter(Channel<T> channel) => _channel = channel;

    /// <summary>Puts an item in.</summary>
    /// <param name="item">The item.</param>
    /// <param name="stopping">Ends the waiting.</param>
    /// <returns>False where the channel was completed.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal bool Write(in T item, CancellationToken stopping)
    {
        for (int waitMs = 1; !_channel.Writer.TryWrite(item);)
        {
            if (!Wait(ref waitMs, stopping))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Waits until there may be room: try again then. What may have changed meanwhile can be looked at before that.
    /// </summary>
    /// <param name="waitMs">How long at most, in milliseconds: 1 at first; what the next time may take after
    /// that.</param>
    /// <param name="stopping">Ends the waiting.</param>
    /// <returns>False where the channel was completed.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal bool Wait(ref int waitMs, CancellationToken stopping)
    {
        bool isOpen = Wait(waitMs, stopping);
        waitMs = Math.Min(2 * waitMs, LongestWaitMs);
        return isOpen;
    }

    // At most one question is open, however often the answer is not waited for.
    private bool Wait(int timeoutMs, CancellationToken stopping)
    {
        _woken.Reset();
        if (!_isAsked)
        {
            _isAsked = true;
            _ = AskAsync();
        }

        _ = _woken.Wait(timeoutMs, stopping);
        return !_isClosed;
    }

    private async Task AskAsync()
    {
        try
        {
            _isClosed = !await _channel.Writer.WaitToWriteAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Completed with an error, by which its reader is told.
            _isClosed = true;
        }

        _isAsked = false;
        _woken.Set();
    }
}
