using System.Runtime.InteropServices;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>The consumer's functions that are called for every message.</summary>
internal static unsafe class ConsumerReading
{
    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_acquire_head")]
    internal static ulong AcquireHead(void* handle) => HandleTable.Consumer(handle)?.AcquireHead() ?? 0;

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_tail")]
    internal static ulong Tail(void* handle) => HandleTable.Consumer(handle)?.Tail ?? 0;

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_peek")]
    internal static int Peek(void* handle, RingMessageView* view)
    {
        RawRingConsumer? consumer = HandleTable.Consumer(handle);
        if (consumer is null || view is null)
        {
            return Status.Invalid;
        }

        try
        {
            RingStatus status = consumer.Peek(out RingMessageView message);
            if (status == RingStatus.Ok)
            {
                // Field by field: a copy of the whole would wait until its stores have left the processor.
                view->Header = message.Header;
                view->Payload = message.Payload;
                view->PayloadBytes = message.PayloadBytes;
                view->Offset = message.Offset;
                view->TotalBytes = message.TotalBytes;
            }

            return (int)status;
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_peek_batch")]
    internal static int PeekBatch(void* handle, RingMessageView* views, uint capacity, uint* count)
    {
        if (count is not null)
        {
            *count = 0;
        }

        RawRingConsumer? consumer = HandleTable.Consumer(handle);
        if (consumer is null || views is null || count is null || capacity is 0 or > int.MaxValue)
        {
            return Status.Invalid;
        }

        try
        {
            RingStatus status = consumer.PeekBatch(new Span<RingMessageView>(views, (int)capacity), out int found);
            *count = (uint)found;
            return (int)status;
        }
        catch (Exception e)
        {
            return Status.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_consumer_publish")]
    internal static void Publish(void* handle, ulong tail)
    {
        try
        {
            HandleTable.Consumer(handle)?.Publish(tail);
        }
        catch (Exception)
        {
            // The function answers nothing.
        }
    }
}
