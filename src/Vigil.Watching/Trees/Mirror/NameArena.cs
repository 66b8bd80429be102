using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vigil.Watching;

/// <summary>
/// The names of the mirror, as bytes, in large chunks: no object for each name. Space that is given back is kept by
/// size and
/// used again. Not thread-safe.
/// </summary>
internal sealed class NameArena
{
    // Offsets are bytes; a name never crosses a chunk. Sizes are rounded up to units, which also hold the free lists'
    // links.
    private const int ChunkShift = 18;
    private const int ChunkBytes = 1 << ChunkShift;
    private const int UnitShift = 3;
    private const int UnitBytes = 1 << UnitShift;
    private const int End = -1;

    private readonly List<byte[]> _chunks = [];
    private readonly List<int> _freeByUnits = [];
    private int _next = ChunkBytes;

    internal int Store(ReadOnlySpan<byte> name)
    {
        int units = Units(name.Length);
        int offset = TakeFree(units);
        if (offset == End)
        {
            int bytes = units << UnitShift;
            if (_next + bytes > ChunkBytes)
            {
                _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkBytes));
                _next = 0;
            }

            offset = ((_chunks.Count - 1) << ChunkShift) | _next;
            _next += bytes;
        }

        name.CopyTo(MemoryMarshal.CreateSpan(ref At(offset), name.Length));
        return offset;
    }

    internal ReadOnlySpan<byte> Get(int offset, int length) =>
        MemoryMarshal.CreateReadOnlySpan(ref At(offset), length);

    internal void Free(int offset, int length)
    {
        int units = Units(length);
        while (_freeByUnits.Count <= units)
        {
            _freeByUnits.Add(End);
        }

        Unsafe.WriteUnaligned(ref At(offset), _freeByUnits[units]);
        _freeByUnits[units] = offset;
    }

    private static int Units(int length) => Math.Max(1, (length + UnitBytes - 1) >> UnitShift);

    private int TakeFree(int units)
    {
        if (units >= _freeByUnits.Count || _freeByUnits[units] == End)
        {
            return End;
        }

        int offset = _freeByUnits[units];
        _freeByUnits[units] = Unsafe.ReadUnaligned<int>(ref At(offset));
        return offset;
    }

    private ref byte At(int offset) => ref _chunks[offset >> ChunkShift][offset & (ChunkBytes - 1)];
}
