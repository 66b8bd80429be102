namespace Vigil.IO.Operations;

/// <summary>
/// What is in the ring, by the number that the kernel gives back. A number is a place and how often it was used, so
/// that a cancellation that comes too late finds nothing. One thread at a time takes places, one gives them back.
/// </summary>
internal sealed class RingSlots
{
    private const int FirstCount = 256;
    private const int End = -1;

    private Slot[] _slots = [];
    private int _free = End;
    private int _returned = End;

    /// <summary>What is in the ring now, and maybe some of what has just left it.</summary>
    internal IEnumerable<FileOperation> All =>
        Volatile.Read(ref _slots).Select(slot => slot.Operation).OfType<FileOperation>();

    /// <summary>Takes a place. In the submitting thread.</summary>
    internal ulong Take(FileOperation operation)
    {
        if (_free == End)
        {
            // SYNC POINT: returned; all at once, so that none can come back in between.
            _free = Interlocked.Exchange(ref _returned, End);
        }

        if (_free == End)
        {
            Grow();
        }

        int index = _free;
        Slot slot = _slots[index];
        _free = slot.Next;
        slot.Operation = operation;

        // Never 0, which is no number.
        slot.Use = slot.Use == uint.MaxValue >> 1 ? 1 : slot.Use + 1;
        return ((ulong)slot.Use << 32) | (uint)index;
    }

    /// <summary>What has a number. In the thread that takes completions.</summary>
    internal FileOperation Of(ulong key) => Volatile.Read(ref _slots)[(uint)key].Operation!;

    /// <summary>Gives a place back. In the thread that takes completions.</summary>
    internal void Return(ulong key)
    {
        int index = (int)(uint)key;
        Slot slot = Volatile.Read(ref _slots)[index];
        slot.Operation = null;
        int first;
        do
        {
            first = Volatile.Read(ref _returned);
            slot.Next = first;
        }
        while (Interlocked.CompareExchange(ref _returned, index, first) != first); // SYNC POINT: returned
    }

    private void Grow()
    {
        int count = _slots.Length;
        var slots = new Slot[count == 0 ? FirstCount : count * 2];
        _slots.CopyTo(slots, 0);
        for (int i = slots.Length - 1; i >= count; i--)
        {
            slots[i] = new Slot { Next = _free };
            _free = i;
        }

        Volatile.Write(ref _slots, slots);
    }

    private sealed class Slot
    {
        internal FileOperation? Operation { get; set; }

        internal uint Use { get; set; }

        internal int Next { get; set; }
    }
}
