using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Rings;

namespace Vigil.Native.Zbq;

/// <summary>
/// What a handle of the C API points at: an entry of one table, which says what it is a handle of. A pointer is a
/// handle only if it lies in the table, on an entry, and that entry is in use as such; so NULL, memory of others, a
/// handle of the other kind and one that was destroyed are all told from a handle without a look at what they point to.
/// </summary>
/// <remarks>
/// An entry is used again only after all the others were, the one that was destroyed longest ago first. There are more
/// entries than a process can have rings by its limit of mappings (65,530), and memory that no entry was written to
/// is never there in fact.
/// </remarks>
internal static unsafe class HandleTable
{
    private const ulong ProducerMagic = 0x646f7270_7162_7a01;
    private const ulong ConsumerMagic = 0x736e6f63_7162_7a02;
    private const int MaxEntries = 1 << 16;

    // No initializers here: the hot path would have to ask whether they have run.
    private static Entry* _entries;
    private static nuint _usedBytes;

    /// <summary>The producer that a handle stands for, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RawRingProducer? Producer(void* handle) =>
        IsHandle(handle, ProducerMagic) ? Unsafe.As<RawRingProducer>(TargetOf(handle)) : null;

    /// <summary>The consumer that a handle stands for, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RawRingConsumer? Consumer(void* handle) =>
        IsHandle(handle, ConsumerMagic) ? Unsafe.As<RawRingConsumer>(TargetOf(handle)) : null;

    /// <summary>Makes a handle.</summary>
    /// <returns>The handle; null where there are too many.</returns>
    internal static void* Add(RawRingProducer producer) => Add(producer, ProducerMagic);

    /// <inheritdoc cref="Add(RawRingProducer)"/>
    internal static void* Add(RawRingConsumer consumer) => Add(consumer, ConsumerMagic);

    /// <summary>Ends a handle. Of two that try, one gets what it stood for.</summary>
    internal static RawRingProducer? RemoveProducer(void* handle) => (RawRingProducer?)Remove(handle, ProducerMagic);

    /// <inheritdoc cref="RemoveProducer"/>
    internal static RawRingConsumer? RemoveConsumer(void* handle) => (RawRingConsumer?)Remove(handle, ConsumerMagic);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsHandle(void* handle, ulong magic)
    {
        nuint offset = (nuint)handle - (nuint)_entries;
        return offset < _usedBytes && offset % (nuint)sizeof(Entry) == 0 && ((Entry*)handle)->Magic == magic;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static object? TargetOf(void* handle) => GCHandle.FromIntPtr(((Entry*)handle)->Target).Target;

    private static void* Add(object target, ulong magic)
    {
        lock (Ended.Gate)
        {
            Entry* entry = Next();
            if (entry is not null)
            {
                entry->Target = GCHandle.ToIntPtr(GCHandle.Alloc(target));
                Volatile.Write(ref entry->Magic, magic);
            }

            return entry;
        }
    }

    private static Entry* Next()
    {
        if (_entries is null)
        {
            _entries = (Entry*)NativeMemory.AllocZeroed(MaxEntries, (nuint)sizeof(Entry));
        }

        if (_usedBytes < MaxEntries * (nuint)sizeof(Entry))
        {
            var entry = (Entry*)((byte*)_entries + _usedBytes);
            Volatile.Write(ref _usedBytes, _usedBytes + (nuint)sizeof(Entry));
            return entry;
        }

        return Ended.Entries.TryDequeue(out nint ended) ? (Entry*)ended : null;
    }

    private static object? Remove(void* handle, ulong magic)
    {
        lock (Ended.Gate)
        {
            if (!IsHandle(handle, magic))
            {
                return null;
            }

            var entry = (Entry*)handle;
            entry->Magic = 0;
            var held = GCHandle.FromIntPtr(entry->Target);
            object? target = held.Target;
            held.Free();
            entry->Target = 0;
            Ended.Entries.Enqueue((nint)entry);
            return target;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public ulong Magic;
        public nint Target;
    }

    private static class Ended
    {
        internal static readonly Lock Gate = new();
        internal static readonly Queue<nint> Entries = new();
    }
}
