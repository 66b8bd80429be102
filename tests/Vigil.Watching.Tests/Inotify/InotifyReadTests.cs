using System.Diagnostics;
using System.Runtime.InteropServices;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Waiting and reading on the calling thread.</summary>
public sealed class InotifyReadTests : IDisposable
{
    private readonly TempTree _directory = new();
    private readonly Inotify _inotify = Inotify.Open();

    public void Dispose()
    {
        _inotify.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Nothing_there_is_told_at_once_or_when_the_time_is_over()
    {
        _inotify.Add(_directory.Path, InotifyMask.Create);
        Assert.True(_inotify.TryRead().IsEmpty);
        Assert.True(_inotify.Read(TimeSpan.Zero).IsEmpty);
        Stopwatch elapsed = Stopwatch.StartNew();
        Assert.True(_inotify.Read(TimeSpan.FromMilliseconds(60)).IsEmpty);
        Assert.True(elapsed.ElapsedMilliseconds >= 45, "the clock counts in steps of up to 16 ms, but it has to wait");
        Assert.Throws<ArgumentOutOfRangeException>(() => _inotify.Read(TimeSpan.FromSeconds(-2)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_read_gets_what_comes(bool nonBlocking)
    {
        using Inotify inotify = Inotify.Open(new InotifyOptions { NonBlocking = nonBlocking });
        inotify.Add(_directory.Path, InotifyMask.Create);
        Assert.True(inotify.TryRead().IsEmpty);
        ReadingThread reader = new(() => inotify.Read(Timeout.InfiniteTimeSpan).Count());
        reader.UntilAsleep();
        _directory.WriteFile("f");
        Assert.Equal(1, await reader.Result);
    }

    [Fact]
    public async Task Dispose_ends_a_read_that_waits()
    {
        Inotify inotify = Inotify.Open();
        inotify.Add(_directory.Path, InotifyMask.Create);
        ReadingThread reader = new(() => inotify.Read(Timeout.InfiniteTimeSpan).Count());
        reader.UntilAsleep();
        inotify.Dispose();
        inotify.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.Result);
    }

    [Fact]
    public async Task Dispose_at_any_moment_of_a_read_ends_it()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        for (int i = 0; i < 300; i++)
        {
            Inotify inotify = Inotify.Open();
            Task<int> read = Task.Run(() => inotify.Read(Timeout.InfiniteTimeSpan).Count(), cancellation);
            for (int spin = 0; spin < i * 20; spin++)
            {
                Thread.SpinWait(1);
            }

            await Task.WhenAll(Task.Run(inotify.Dispose, cancellation), Task.Run(inotify.Dispose, cancellation));
            await Assert.ThrowsAsync<ObjectDisposedException>(
                () => read.WaitAsync(Eventually.DefaultTimeout, cancellation));
        }
    }

    [Fact]
    public void After_dispose_everything_says_so_and_the_last_batch_stays_valid()
    {
        WatchDescriptor watch = _inotify.Add(_directory.Path, InotifyMask.Create);
        _directory.WriteFile("f");
        InotifyEvents events = _inotify.Read(Eventually.DefaultTimeout);
        _inotify.Dispose();
        foreach (InotifyEvent e in events)
        {
            Assert.Equal("f", e.NameText);
        }

        Assert.Throws<ObjectDisposedException>(() => _inotify.Read(TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => _inotify.Add("/", InotifyMask.Create));
        Assert.Throws<ObjectDisposedException>(() => _inotify.Remove(watch));
        Assert.Throws<ObjectDisposedException>(() => _inotify.AvailableBytes);
        Assert.True(_inotify.TryRead().IsEmpty);
    }

    [Fact]
    public async Task A_second_reader_is_refused()
    {
        ReadingThread reader = new(() => _inotify.Read(Timeout.InfiniteTimeSpan).Count());
        reader.UntilAsleep();
        Assert.Throws<InvalidOperationException>(() => _inotify.TryRead());
        Assert.Throws<InvalidOperationException>(() => _inotify.Read(TimeSpan.Zero));
        _inotify.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.Result);
    }

    [Fact]
    public async Task A_signal_does_not_end_a_read()
    {
        _inotify.Add(_directory.Path, InotifyMask.Create);
        int signals = 0;
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(
            PosixSignal.SIGWINCH, _ => Interlocked.Increment(ref signals));
        ReadingThread reader = new(() => _inotify.Read(Timeout.InfiniteTimeSpan).Count());
        for (int i = 1; i <= 5; i++)
        {
            reader.UntilAsleep();
            NativeThread.Send(reader.ThreadId, Signal.SIGWINCH);
            Eventually.True(() => Volatile.Read(ref signals) >= i, "the signal to be handled");
        }

        reader.UntilAsleep();
        Assert.False(reader.Result.IsCompleted);
        _directory.WriteFile("f");
        Assert.Equal(1, await reader.Result);
    }

    /// <summary>A thread that reads, and whose sleep in the kernel can be waited for.</summary>
    private sealed class ReadingThread
    {
        private readonly TaskCompletionSource<int> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _threadId;

        internal ReadingThread(Func<int> read) => new Thread(() => Run(read)) { IsBackground = true }.Start();

        internal Task<int> Result => _result.Task.WaitAsync(Eventually.DefaultTimeout);

        internal int ThreadId => Volatile.Read(ref _threadId);

        internal void UntilAsleep() => Eventually.True(
            () => _result.Task.IsCompleted || (ThreadId != 0 && NativeThread.IsPolling(ThreadId)),
            "the reader to wait in the kernel");

        private void Run(Func<int> read)
        {
            try
            {
                Volatile.Write(ref _threadId, NativeThread.CurrentId);
                _result.SetResult(read());
            }
            catch (Exception e)
            {
                _result.SetException(e);
            }
        }
    }
}
