using System.Runtime.InteropServices;
using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>The consumer's functions that are not called for every message. What they do is said in zbq.h.</summary>
internal static unsafe class ConsumerLife
{
    // A producer answers as soon as it has accepted the connection.
    private const int JoinTimeoutMs = 5000;

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_join")]
    internal static int Join(int connection, int mode, void** result)
    {
        if (result is null)
        {
            return Status.Invalid;
        }

        *result = null;
        if (connection < 0 || (RingWakeMode)mode is not (RingWakeMode.Push or RingWakeMode.Pull))
        {
            return Status.Invalid;
        }

        try
        {
            using UnixSocket socket = UnixSocket.Borrow(connection);
            RingStatus status = RawRingConsumer.Join(
                socket, (RingWakeMode)mode, JoinTimeoutMs, out RawRingConsumer? consumer);
            if (consumer is null)
            {
                return (int)status;
            }

            *result = HandleTable.Add(consumer);
            if (*result is null)
            {
                consumer.Dispose();
                return Status.NoMemory;
            }

            return Status.Ok;
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_destroy")]
    internal static void Destroy(void* handle)
    {
        try
        {
            HandleTable.RemoveConsumer(handle)?.Dispose();
        }
        catch (Exception)
        {
            // There is nobody to tell, and nothing that the caller could do.
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_is_producer_alive")]
    internal static byte IsProducerAlive(void* handle)
    {
        try
        {
            return HandleTable.Consumer(handle) is { IsProducerAlive: true } ? (byte)1 : (byte)0;
        }
        catch (Exception)
        {
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_is_producer_connected")]
    internal static byte IsProducerConnected(void* handle)
    {
        try
        {
            return HandleTable.Consumer(handle) is { IsProducerConnected: true } ? (byte)1 : (byte)0;
        }
        catch (Exception)
        {
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_recv_fds")]
    internal static int ReceiveDescriptors(void* handle, ulong sequenceId, int* descriptors, byte* count)
    {
        if (count is not null)
        {
            *count = 0;
        }

        RawRingConsumer? consumer = HandleTable.Consumer(handle);
        if (consumer is null || descriptors is null || count is null)
        {
            return Status.Invalid;
        }

        try
        {
            var room = new Span<int>(descriptors, UnixSocket.MaxDescriptors);
            RingStatus status = consumer.ReceiveDescriptors(sequenceId, room, out int received);
            *count = (byte)received;
            return (int)status;
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_evicted")]
    internal static int Evicted(void* handle) => (int?)HandleTable.Consumer(handle)?.Evicted ?? Status.Invalid;

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_ctrl")]
    internal static RingControl* Control(void* handle) =>
        HandleTable.Consumer(handle) is { } consumer ? consumer.Control : null;

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_meta")]
    internal static RingConsumerPage* Page(void* handle) =>
        HandleTable.Consumer(handle) is { } consumer ? consumer.Page : null;
}
