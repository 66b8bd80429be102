using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Vigil.Bus.Trees;

/// <summary>Waits on a thread for what comes into a channel. For one thread.</summary>
/// <remarks>
/// Who awaits a channel is told by the thread pool; who does so with a context of its own is told by posting to that,
/// on the thread that wrote. So the word does not wait for a turn among whatever the pool has to do.
/// </remarks>
internal sealed class ChannelWaiter<T>(ChannelReader<T> reader) : SynchronizationContext, IDisposable
{
    private readonly ManualResetEventSlim _told = new();
    private readonly ManualResetEventSlim _never = new();

    /// <summary>Waits until there is something to read.</summary>
    /// <returns>False where nothing comes any more.</returns>
    [SuppressMessage("Reliability", "CA2012", Justification = "It is asked once, when it has completed.")]
    internal bool Wait()
    {
        ValueTaskAwaiter<bool> awaiter = reader.WaitToReadAsync().GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            SynchronizationContext? before = Current;
            _told.Reset();
            SetSynchronizationContext(this);
            try
            {
                awaiter.UnsafeOnCompleted(_told.Set);
            }
            finally
            {
                SetSynchronizationContext(before);
            }

            _told.Wait();
        }

        return awaiter.GetResult();
    }

    /// <summary>Lets some time pass.</summary>
    internal void Pause(int milliseconds) => _never.Wait(milliseconds);

    /// <summary>What is posted here only tells a thread, so it is done at once.</summary>
    public override void Post(SendOrPostCallback d, object? state) => d(state);

    public void Dispose()
    {
        _told.Dispose();
        _never.Dispose();
    }
}
