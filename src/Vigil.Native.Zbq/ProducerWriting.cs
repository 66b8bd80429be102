using System.Runtime.InteropServices;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>The producer's functions that are called for every message.</summary>
internal static unsafe class ProducerWriting
{
    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_query")]
    internal static RingRun Query(void* handle)
    {
        byte* at = null;
        ulong bytes = 0, offset = 0;
        try
        {
            if (HandleTable.Producer(handle) is { } producer)
            {
                // Field by field: a copy of the whole would wait until its three stores have left the processor.
                RingRun run = producer.Query();
                at = run.Base;
                bytes = run.MaxBytes;
                offset = run.Offset;
            }
        }
        catch (Exception)
        {
            bytes = 0;
        }

        return new RingRun { Base = at, MaxBytes = bytes, Offset = offset };
    }

    [UnmanagedCallersOnly(EntryPoint = "zbq_producer_reserve")]
    internal static RingRun Reserve(void* handle, ulong size)
    {
        byte* at = null;
        ulong bytes = 0, offset = 0;
        try
        {
            if (HandleTable.Producer(handle) is { } producer)
            {
                RingRun run = producer.Reserve(size);
                at = run.Base;
                bytes = run.MaxBytes;
                offset = run.Offset;
            }
        }
        catch (Exception)
        {
            bytes = 0;
        }

        return new RingRun { Base = at, MaxBytes = bytes, Offset = offset };
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
