using System.Runtime.InteropServices;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>The producer's functions that are called for every message.</summary>
internal static unsafe class ProducerWriting
{
    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_query")]
    internal static RingRun Query(void* handle)
    {
        try
        {
            return HandleTable.Producer(handle) is { } producer ? producer.Query() : default;
        }
        catch (Exception)
        {
            return default;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_reserve")]
    internal static RingRun Reserve(void* handle, ulong bytes)
    {
        try
        {
            return HandleTable.Producer(handle) is { } producer ? producer.Reserve(bytes) : default;
        }
        catch (Exception)
        {
            return default;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_commit")]
    internal static byte Commit(void* handle, ulong bytes, int flags)
    {
        try
        {
            bool done = HandleTable.Producer(handle) is { } producer && producer.Commit(bytes, (RingCommitFlags)flags);
            return done ? (byte)1 : (byte)0;
        }
        catch (Exception)
        {
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_next_seq_id")]
    internal static ulong NextSequenceId(void* handle) => HandleTable.Producer(handle)?.NextSequenceId() ?? 0;
}
