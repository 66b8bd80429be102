using System.Runtime.InteropServices;
using Vigil.Platform.Linux;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>The producer's functions that are not called for every message. What they do is said in zbq.h.</summary>
internal static unsafe class ProducerLife
{
    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_create")]
    internal static int Create(void** result, RingParameters* parameters)
    {
        if (result is null)
        {
            return Status.Invalid;
        }

        *result = null;
        if (parameters is null)
        {
            return Status.Invalid;
        }

        try
        {
            RawRingProducer producer = RawRingProducer.Create(*parameters);
            *result = HandleTable.Add(producer);
            if (*result is null)
            {
                producer.Dispose();
                return Status.NoMemory;
            }

            return Status.Ok;
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_destroy")]
    internal static void Destroy(void* handle)
    {
        try
        {
            HandleTable.RemoveProducer(handle)?.Dispose();
        }
        catch (Exception)
        {
            // There is nobody to tell, and nothing that the caller could do.
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_handshake")]
    internal static int Handshake(void* handle, int connection, int mode, uint* slot)
    {
        RawRingProducer? producer = HandleTable.Producer(handle);
        if (producer is null || slot is null || connection < 0)
        {
            return Status.Invalid;
        }

        try
        {
            using UnixSocket socket = UnixSocket.Borrow(connection);
            RingStatus status = producer.Handshake(socket, (RingWakeMode)mode, out uint index);
            if (status == RingStatus.Ok)
            {
                *slot = index;
            }

            return (int)status;
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_broadcast_fds")]
    internal static int BroadcastDescriptors(void* handle, ulong sequenceId, int* descriptors, byte count)
    {
        if (count == 0)
        {
            return Status.Ok;
        }

        RawRingProducer? producer = HandleTable.Producer(handle);
        if (producer is null || descriptors is null || count > UnixSocket.MaxDescriptors)
        {
            return Status.Invalid;
        }

        try
        {
            return (int)producer.BroadcastDescriptors(sequenceId, new ReadOnlySpan<int>(descriptors, count));
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_set_slow_timeout")]
    internal static int SetSlowTimeout(void* handle, ulong nanoseconds)
    {
        if (HandleTable.Producer(handle) is not { } producer)
        {
            return Status.Invalid;
        }

        producer.SlowTimeoutNs = nanoseconds;
        return Status.Ok;
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_scan")]
    internal static int Scan(void* handle)
    {
        try
        {
            RawRingProducer? producer = HandleTable.Producer(handle);
            producer?.Scan();
            return producer is null ? Status.Invalid : Status.Ok;
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }
}
