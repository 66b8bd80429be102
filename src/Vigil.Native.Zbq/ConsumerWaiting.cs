using System.Runtime.InteropServices;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>How a consumer sleeps until there is something to read.</summary>
internal static unsafe class ConsumerWaiting
{
    // Said in zbq.h. So often at least a consumer looks whether there still is a producer.
    private const int LongestSleepMs = 100;

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_get_futex_token")]
    internal static uint Token(void* handle) => HandleTable.Consumer(handle)?.BroadcastToken ?? 0;

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_wait_broadcast")]
    internal static int Wait(void* handle, uint token) => Sleep(handle, token, LongestSleepMs);

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_wait_broadcast_for")]
    internal static int WaitFor(void* handle, uint token, int timeoutMs) => Sleep(handle, token, timeoutMs);

    private static int Sleep(void* handle, uint token, int timeoutMs)
    {
        if (timeoutMs < 0)
        {
            return Status.Invalid;
        }

        try
        {
            return (int)(HandleTable.Consumer(handle)?.WaitBroadcast(token, timeoutMs) ?? RingStatus.Invalid);
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }
}
