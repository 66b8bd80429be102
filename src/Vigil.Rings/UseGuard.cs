using System.Runtime.CompilerServices;

namespace Vigil.Rings;

/// <summary>
/// Lets one thread use an object and any thread dispose it, without a lock or a fence for the one that uses it. What is
/// to be released is released by whoever comes last: the disposer if the object is not in use, else the last to leave.
/// </summary>
/// <remarks>
/// The user stores its depth and then loads whether it is closed; the disposer stores that it is closed, makes every
/// thread of the process pass a barrier, and then loads the depth (an asymmetric Dekker lock). So at least one of them
/// sees the other. Both may: what they release has to bear that.
/// </remarks>
internal struct UseGuard
{
    private int _depth;
    private bool _isClosed;

    internal readonly bool IsClosed => Volatile.Read(in _isClosed);

    /// <summary>Begins to use the object, or goes deeper.</summary>
    /// <returns>False, and it is not in use, where it is disposed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryEnter()
    {
        Volatile.Write(ref _depth, _depth + 1); // SYNC POINT: closed
        return !Volatile.Read(ref _isClosed);
    }

    /// <summary>Ends what <see cref="TryEnter"/> began, also where that said false.</summary>
    /// <returns>Whether the caller releases.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Leave()
    {
        int depth = _depth - 1;
        Volatile.Write(ref _depth, depth); // SYNC POINT: closed
        return Volatile.Read(ref _isClosed) && depth == 0;
    }

    /// <summary>Disposes the object.</summary>
    /// <returns>Whether the caller releases.</returns>
    internal bool Close()
    {
        Volatile.Write(ref _isClosed, true); // SYNC POINT: closed
        Interlocked.MemoryBarrierProcessWide();
        return Volatile.Read(ref _depth) == 0;
    }
}
