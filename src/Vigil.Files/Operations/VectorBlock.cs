using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Platform.Linux;

namespace Vigil.IO.Operations;

/// <summary>
/// The memory of one operation as the kernel takes it: pinned, in order, and cut from the front as it is transferred.
/// Not thread-safe. Kept for the next operation, so that one allocates nothing.
/// </summary>
internal sealed unsafe class VectorBlock
{
    // In the heap of objects that are never moved: the kernel reads it while the operation is under way.
    private IoVector[] _array = GC.AllocateUninitializedArray<IoVector>(1, pinned: true);
    private MemoryHandle[] _pins = new MemoryHandle[1];
    private int _count;
    private int _first;

    /// <summary>What is left, for one call.</summary>
    internal IoVector* Vectors => Start + _first;

    /// <summary>How many are left, for one call.</summary>
    internal int CallCount => Math.Min(_count - _first, IoVector.MaxCount);

    /// <summary>Whether all bytes were transferred.</summary>
    internal bool IsDone => _first == _count;

    private IoVector* Start => (IoVector*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));

    internal void Reserve(int count)
    {
        if (count > _array.Length)
        {
            _array = GC.AllocateUninitializedArray<IoVector>(count, pinned: true);
            _pins = new MemoryHandle[count];
        }
    }

    internal void Add(ReadOnlyMemory<byte> memory)
    {
        MemoryHandle pin = memory.Pin();
        _pins[_count] = pin;
        _array[_count++] = new IoVector { Start = (byte*)pin.Pointer, Length = (nuint)memory.Length };
        SkipEmpty();
    }

    /// <summary>Cuts what was transferred from the front.</summary>
    internal void Advance(long bytes)
    {
        while (bytes > 0)
        {
            IoVector* vector = Vectors;
            nuint part = Math.Min((nuint)bytes, vector->Length);
            vector->Start += part;
            vector->Length -= part;
            bytes -= (long)part;
            SkipEmpty();
        }
    }

    /// <summary>Lets go of the memory.</summary>
    internal void Clear()
    {
        for (int i = 0; i < _count; i++)
        {
            _pins[i].Dispose();
            _pins[i] = default;
        }

        _count = 0;
        _first = 0;
    }

    private void SkipEmpty()
    {
        while (_first < _count && _array[_first].Length == 0)
        {
            _first++;
        }
    }
}
