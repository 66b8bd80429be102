using System.Threading.Tasks.Sources;
using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Operations;

/// <content>The operation as what a ValueTask waits for. Its result is taken once, and then it is free.</content>
internal sealed partial class FileOperation
    : IValueTaskSource, IValueTaskSource<int>, IValueTaskSource<long>, IValueTaskSource<SafeFileHandle>
{
    private ManualResetValueTaskSourceCore<long> _core;

    internal ValueTask StartAsync(Carrier carrier, CancellationToken cancellation) =>
        new(this, Start(carrier, cancellation));

    internal ValueTask<int> StartCountAsync(Carrier carrier, CancellationToken cancellation) =>
        new(this, Start(carrier, cancellation));

    internal ValueTask<long> StartLongCountAsync(Carrier carrier, CancellationToken cancellation) =>
        new(this, Start(carrier, cancellation));

    internal ValueTask<SafeFileHandle> StartOpenAsync(Carrier carrier, CancellationToken cancellation) =>
        new(this, Start(carrier, cancellation));

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<SafeFileHandle>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<long>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<SafeFileHandle>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => TakeCount(token);

    int IValueTaskSource<int>.GetResult(short token) => (int)TakeCount(token);

    long IValueTaskSource<long>.GetResult(short token) => TakeCount(token);

    SafeFileHandle IValueTaskSource<SafeFileHandle>.GetResult(short token)
    {
        SafeFileHandle? opened = _opened;
        TakeCount(token);
        return opened!;
    }

    private long TakeCount(short token)
    {
        // A second taker has a token of the past, and one who did not wait is too early: neither may free what is in
        // use.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("a ValueTask is awaited before its result is taken");
        }

        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }
}
