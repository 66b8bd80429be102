using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Rings;

[assembly: DisableRuntimeMarshalling] // structures go over as they are

namespace Vigil.Native.Zbq.Tests;

/// <summary>The functions of zbq.h, by their names without the prefix. Handles are bare numbers.</summary>
internal static unsafe partial class Exports
{
    internal const int Ok = 0;
    internal const int Invalid = -1;
    internal const int NoMemory = -2;
    internal const int Again = -3;
    internal const int Io = -4;
    internal const int Protocol = -5;
    internal const int Overflow = -6;
    internal const int NotFound = -7;
    internal const int Push = 0;
    internal const int Pull = 1;
    internal const int MaxDescriptors = 253;

    private const string Name = "zbq";

#pragma warning disable CA2255 // The resolver has to be there before the first call, whichever that is.
    [ModuleInitializer]
    internal static void UsePublishedLibrary() => NativeLibrary.SetDllImportResolver(
        typeof(Exports).Assembly,
        (name, _, _) => name == Name ? NativeLibrary.Load(PublishedLibrary.Path) : 0);
#pragma warning restore CA2255

    [LibraryImport(Name, EntryPoint = "zbq_producer_create")]
    internal static partial int CreateProducer(nint* result, RingParameters* parameters);

    [LibraryImport(Name, EntryPoint = "zbq_producer_destroy")]
    internal static partial void DestroyProducer(nint producer);

    [LibraryImport(Name, EntryPoint = "zbq_producer_handshake")]
    internal static partial int Handshake(nint producer, int connection, int mode, uint* slot);

    [LibraryImport(Name, EntryPoint = "zbq_producer_query")]
    internal static partial RingRun Query(nint producer);

    [LibraryImport(Name, EntryPoint = "zbq_producer_reserve")]
    internal static partial RingRun Reserve(nint producer, ulong bytes);

    [LibraryImport(Name, EntryPoint = "zbq_producer_commit")]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Commit(nint producer, ulong bytes, int flags);

    [LibraryImport(Name, EntryPoint = "zbq_producer_next_seq_id")]
    internal static partial ulong NextSequenceId(nint producer);

    [LibraryImport(Name, EntryPoint = "zbq_producer_broadcast_fds")]
    internal static partial int Broadcast(nint producer, ulong sequenceId, int* descriptors, byte count);

    [LibraryImport(Name, EntryPoint = "zbq_producer_scan")]
    internal static partial int Scan(nint producer);

    [LibraryImport(Name, EntryPoint = "zbq_producer_set_slow_timeout")]
    internal static partial int SetSlowTimeout(nint producer, ulong timeoutNs);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_join")]
    internal static partial int Join(int connection, int mode, nint* result);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_destroy")]
    internal static partial void DestroyConsumer(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_is_producer_alive")]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool IsProducerAlive(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_is_producer_connected")]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool IsProducerConnected(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_acquire_head")]
    internal static partial ulong AcquireHead(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_peek")]
    internal static partial int Peek(nint consumer, RingMessageView* view);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_peek_batch")]
    internal static partial int PeekBatch(nint consumer, RingMessageView* views, uint capacity, uint* count);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_recv_fds")]
    internal static partial int Receive(nint consumer, ulong sequenceId, int* descriptors, byte* count);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_publish")]
    internal static partial void Publish(nint consumer, ulong tail);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_get_futex_token")]
    internal static partial uint Token(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_wait_broadcast")]
    internal static partial int Wait(nint consumer, uint token);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_wait_broadcast_for")]
    internal static partial int WaitFor(nint consumer, uint token, int timeoutMs);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_tail")]
    internal static partial ulong Tail(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_evicted")]
    internal static partial int Evicted(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_ctrl")]
    internal static partial RingControl* Control(nint consumer);

    [LibraryImport(Name, EntryPoint = "zbq_consumer_meta")]
    internal static partial RingConsumerPage* Page(nint consumer);
}
