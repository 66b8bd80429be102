using Vigil.Platform;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>What a C program is told of an exception: none ever reaches it.</summary>
internal static class Status
{
    internal const int Ok = (int)RingStatus.Ok;
    internal const int Invalid = (int)RingStatus.Invalid;
    internal const int NoMemory = (int)RingStatus.NoMemory;

    internal static int Of(Exception exception) => (int)(exception switch
    {
        VigilException { Failure: Failure.OutOfMemory or Failure.LimitReached } => RingStatus.NoMemory,
        OutOfMemoryException => RingStatus.NoMemory,
        ArgumentException or ObjectDisposedException => RingStatus.Invalid,
        _ => RingStatus.Io,
    });
}
