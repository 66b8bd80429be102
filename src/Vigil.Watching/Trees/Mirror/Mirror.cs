using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vigil.Watching;

/// <summary>
/// The tree as its reader knows it: nodes with parent and name, found by (parent, name), by watch and, for
/// directories, by
/// identity. A rename moves one node; paths are made by walking up. Not thread-safe.
/// </summary>
/// <remarks>
/// Implementation notes. Nodes lie in chunks of an array of structs, so growing copies nothing and the collector has
/// nothing
/// to trace. The table is open addressing with linear probing over node numbers; removal shifts back, so there are no
/// tombstones. Children form a list through their nodes. Everything a rename touches is one node and one table slot.
/// </remarks>
internal sealed class Mirror
{
    internal const int None = -1;
    private const int ChunkShift = 12;
    private const int ChunkMask = (1 << ChunkShift) - 1;

    private readonly List<MirrorNode[]> _nodes = [];
    private readonly List<MirrorDirectory[]> _directories = [];
    private readonly NameArena _names = new();
    private readonly Dictionary<int, int> _directoryByWatch = [];
    private readonly Dictionary<ulong, int> _nodeByIdentity = [];
    private readonly ulong _hashSeed = (ulong)Random.Shared.NextInt64() | 1;
    private int[] _slots = NewSlots(1024);
    private int _nodeCount;
    private int _freeNode = None;
    private int _directoryCount;
    private int _freeDirectory = None;

    /// <summary>Entries in the mirror.</summary>
    internal int Count { get; private set; }

    /// <summary>Directories in the mirror.</summary>
    internal int DirectoryCount { get; private set; }

    /// <summary>Directories that hold a watch.</summary>
    internal int WatchedCount { get; private set; }

    /// <summary>Changes whenever a path that was made before may have become wrong.</summary>
    internal int PathVersion { get; private set; }

    internal ref MirrorNode this[int id]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _nodes[id >> ChunkShift][id & ChunkMask];
    }

    internal ref MirrorDirectory DirectoryOf(int node) => ref Directory(this[node].Directory);

    internal ref MirrorDirectory Directory(int index) => ref _directories[index >> ChunkShift][index & ChunkMask];

    internal NodeRef Reference(int node) => new(node, this[node].Generation);

    internal bool IsLive(NodeRef reference) =>
        reference.Id >= 0
        && this[reference.Id].Generation == reference.Generation
        && (this[reference.Id].Flags & NodeFlags.Live) != 0;

    internal ReadOnlySpan<byte> Name(int node)
    {
        ref MirrorNode n = ref this[node];
        return _names.Get(n.NameOffset, n.NameLength);
    }

    internal int Find(int parent, ReadOnlySpan<byte> name)
    {
        uint hash = Hash(parent, name);
        int mask = _slots.Length - 1;
        for (int slot = (int)hash & mask; _slots[slot] != None; slot = (slot + 1) & mask)
        {
            int id = _slots[slot];
            ref MirrorNode node = ref this[id];
            if (node.Hash == hash && node.Parent == parent && node.NameLength == name.Length
                && _names.Get(node.NameOffset, node.NameLength).SequenceEqual(name))
            {
                return id;
            }
        }

        return None;
    }

    internal int FindByIdentity(ulong identity) => _nodeByIdentity.GetValueOrDefault(identity, None);

    /// <summary>The first directory record that has this watch, or None.</summary>
    internal int FindByWatch(int watch) => _directoryByWatch.GetValueOrDefault(watch, None);

    internal int Add(int parent, ReadOnlySpan<byte> name, EntryType type)
    {
        Debug.Assert(parent == None || Find(parent, name) == None, "an entry is added once");
        int id = TakeNode();
        ref MirrorNode node = ref this[id];
        uint generation = node.Generation;
        node = new MirrorNode
        {
            Parent = parent,
            Next = None,
            Previous = None,
            Directory = None,
            Generation = generation + 1,
            NameOffset = _names.Store(name),
            NameLength = (ushort)name.Length,
            Type = type,
            Flags = NodeFlags.Live,
        };
        if (type == EntryType.Directory)
        {
            node.Directory = TakeDirectory(id);
            DirectoryCount++;
        }

        Count++;
        if (parent != None)
        {
            LinkChild(id, parent);
            InsertSlot(id, Hash(parent, name));
        }

        return id;
    }

    /// <summary>Takes out an entry that has no children and no watch (any more).</summary>
    internal void Remove(int id)
    {
        ref MirrorNode node = ref this[id];
        if (node.Directory != None)
        {
            ref MirrorDirectory directory = ref Directory(node.Directory);
            Debug.Assert(directory.FirstChild == None, "children go first");
            Debug.Assert(directory.Watch == None, "the watch goes first");
            SetIdentity(id, 0);
            directory.Node = _freeDirectory;
            _freeDirectory = node.Directory;
            DirectoryCount--;
            PathVersion++;
        }

        if (node.Parent != None)
        {
            RemoveSlot(id);
            UnlinkChild(id);
        }

        _names.Free(node.NameOffset, node.NameLength);
        node.Flags = NodeFlags.None;
        node.Directory = None;
        node.Next = _freeNode;
        _freeNode = id;
        Count--;
    }

    /// <summary>Gives an entry another parent and name; the target must be free.</summary>
    internal void Move(int id, int parent, ReadOnlySpan<byte> name)
    {
        Debug.Assert(Find(parent, name) == None, "the target is free");
        RemoveSlot(id);
        UnlinkChild(id);
        ref MirrorNode node = ref this[id];
        int offset = _names.Store(name);
        _names.Free(node.NameOffset, node.NameLength);
        node.NameOffset = offset;
        node.NameLength = (ushort)name.Length;
        LinkChild(id, parent);
        InsertSlot(id, Hash(parent, name));
        PathVersion++;
    }

    /// <summary>Says which file a node is; a directory can be found by it from then on.</summary>
    internal void SetIdentity(int id, ulong identity)
    {
        ref MirrorNode node = ref this[id];
        if (node.Directory != None)
        {
            if (node.Identity != 0 && _nodeByIdentity.GetValueOrDefault(node.Identity, None) == id)
            {
                _nodeByIdentity.Remove(node.Identity);
            }

            if (identity != 0)
            {
                _nodeByIdentity.TryAdd(identity, id);
            }
        }

        node.Identity = identity;
    }

    internal void SetWatch(int node, int watch)
    {
        int index = this[node].Directory;
        ref MirrorDirectory directory = ref Directory(index);
        Debug.Assert(directory.Watch == None, "one watch a directory");
        directory.Watch = watch;
        ref int first = ref CollectionsMarshal.GetValueRefOrAddDefault(_directoryByWatch, watch, out bool exists);
        directory.NextAlias = exists ? first : None;
        first = index;
        WatchedCount++;
    }

    internal void ClearWatch(int node)
    {
        int index = this[node].Directory;
        ref MirrorDirectory directory = ref Directory(index);
        if (directory.Watch == None)
        {
            return;
        }

        int first = _directoryByWatch[directory.Watch];
        if (first == index)
        {
            if (directory.NextAlias == None)
            {
                _directoryByWatch.Remove(directory.Watch);
            }
            else
            {
                _directoryByWatch[directory.Watch] = directory.NextAlias;
            }
        }
        else
        {
            int previous = first;
            while (Directory(previous).NextAlias != index)
            {
                previous = Directory(previous).NextAlias;
            }

            Directory(previous).NextAlias = directory.NextAlias;
        }

        directory.Watch = None;
        directory.NextAlias = None;
        WatchedCount--;
    }

    /// <summary>The root that a node lies below, or is.</summary>
    internal int RootOf(int node)
    {
        while (this[node].Parent != None)
        {
            node = this[node].Parent;
        }

        return node;
    }

    /// <summary>Whether a node is another one or lies below it.</summary>
    internal bool IsWithin(int node, int ancestor)
    {
        for (int n = node; n != None; n = this[n].Parent)
        {
            if (n == ancestor)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The entry after one in a walk of everything below a top, parents first; None at the end.</summary>
    internal int NextInWalk(int node, int top)
    {
        if (this[node].Directory != None && DirectoryOf(node).FirstChild != None)
        {
            return DirectoryOf(node).FirstChild;
        }

        while (node != top)
        {
            if (this[node].Next != None)
            {
                return this[node].Next;
            }

            node = this[node].Parent;
        }

        return None;
    }

    /// <summary>The length in bytes of the node's path: the names from its root on, with slashes between.</summary>
    internal int PathLength(int id)
    {
        int length = this[id].NameLength;
        for (int n = this[id].Parent; n != None; n = this[n].Parent)
        {
            // A root named "/" ends in the slash already.
            length += this[n].NameLength + (EndsInSlash(n) ? 0 : 1);
        }

        return length;
    }

    /// <summary>Writes the node's path; the destination must have <see cref="PathLength"/> bytes.</summary>
    internal void WritePath(int id, Span<byte> destination)
    {
        int end = destination.Length;
        for (int n = id; n != None; n = this[n].Parent)
        {
            if (n != id && !EndsInSlash(n))
            {
                destination[--end] = (byte)'/';
            }

            ReadOnlySpan<byte> name = Name(n);
            end -= name.Length;
            name.CopyTo(destination[end..]);
        }
    }

    /// <summary>Checks, in debug builds, that every link has its counterpart.</summary>
    [Conditional("DEBUG")]
    internal void AssertInvariants()
    {
        int live = 0;
        for (int id = 0; id < _nodeCount; id++)
        {
            ref MirrorNode node = ref this[id];
            if ((node.Flags & NodeFlags.Live) == 0)
            {
                continue;
            }

            live++;
            Debug.Assert((node.Type == EntryType.Directory) == (node.Directory != None), "directories have a record");
            Debug.Assert(node.Parent == None || Find(node.Parent, Name(id)) == id, "found under its name");
            Debug.Assert(node.Parent == None || (this[node.Parent].Flags & NodeFlags.Live) != 0, "the parent lives");
            Debug.Assert(node.Next == None || this[node.Next].Previous == id, "the children are linked both ways");
            Debug.Assert(node.Directory == None || Directory(node.Directory).Node == id, "the record is this node's");
        }

        Debug.Assert(live == Count, "every entry is counted");
    }

    private static int[] NewSlots(int count)
    {
        int[] slots = GC.AllocateUninitializedArray<int>(count);
        slots.AsSpan().Fill(None);
        return slots;
    }

    // A multiplication a word, keyed, so that nobody can prepare names that all fall into one slot.
    private uint Hash(int parent, ReadOnlySpan<byte> name)
    {
        ulong hash = (_hashSeed ^ (uint)parent) * 0x9E3779B97F4A7C15;
        ReadOnlySpan<byte> rest = name;
        while (rest.Length >= 8)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(rest)) * 0xFF51AFD7ED558CCD;
            hash ^= hash >> 32;
            rest = rest[8..];
        }

        ulong tail = (ulong)name.Length;
        foreach (byte b in rest)
        {
            tail = (tail << 8) | b;
        }

        hash = (hash ^ tail) * 0xC4CEB9FE1A85EC53;
        return (uint)(hash >> 32);
    }

    private bool EndsInSlash(int node)
    {
        ReadOnlySpan<byte> name = Name(node);
        return name.Length > 0 && name[^1] == '/';
    }

    private int TakeNode()
    {
        if (_freeNode != None)
        {
            int free = _freeNode;
            _freeNode = this[free].Next;
            return free;
        }

        if ((_nodeCount & ChunkMask) == 0)
        {
            _nodes.Add(new MirrorNode[ChunkMask + 1]);
        }

        return _nodeCount++;
    }

    private int TakeDirectory(int node)
    {
        int index = _freeDirectory;
        if (index != None)
        {
            _freeDirectory = Directory(index).Node;
        }
        else
        {
            if ((_directoryCount & ChunkMask) == 0)
            {
                _directories.Add(new MirrorDirectory[ChunkMask + 1]);
            }

            index = _directoryCount++;
        }

        Directory(index) = new MirrorDirectory { Node = node, FirstChild = None, Watch = None, NextAlias = None };
        return index;
    }

    private void LinkChild(int id, int parent)
    {
        ref MirrorDirectory directory = ref DirectoryOf(parent);
        ref MirrorNode node = ref this[id];
        node.Parent = parent;
        node.Previous = None;
        node.Next = directory.FirstChild;
        if (node.Next != None)
        {
            this[node.Next].Previous = id;
        }

        directory.FirstChild = id;
    }

    private void UnlinkChild(int id)
    {
        ref MirrorNode node = ref this[id];
        if (node.Previous != None)
        {
            this[node.Previous].Next = node.Next;
        }
        else
        {
            DirectoryOf(node.Parent).FirstChild = node.Next;
        }

        if (node.Next != None)
        {
            this[node.Next].Previous = node.Previous;
        }
    }

    private void InsertSlot(int id, uint hash)
    {
        if (Count * 10 > _slots.Length * 7)
        {
            GrowSlots();
        }

        this[id].Hash = hash;
        Place(_slots, id, hash);
    }

    private static void Place(int[] slots, int id, uint hash)
    {
        int mask = slots.Length - 1;
        int slot = (int)hash & mask;
        while (slots[slot] != None)
        {
            slot = (slot + 1) & mask;
        }

        slots[slot] = id;
    }

    private void RemoveSlot(int id)
    {
        int mask = _slots.Length - 1;
        int slot = (int)this[id].Hash & mask;
        while (_slots[slot] != id)
        {
            slot = (slot + 1) & mask;
        }

        // Shift back what stands behind the gap, as long as it may stand there.
        int gap = slot;
        for (int next = (gap + 1) & mask; _slots[next] != None; next = (next + 1) & mask)
        {
            int home = (int)this[_slots[next]].Hash & mask;
            if (((next - home) & mask) >= ((next - gap) & mask))
            {
                _slots[gap] = _slots[next];
                gap = next;
            }
        }

        _slots[gap] = None;
    }

    private void GrowSlots()
    {
        int[] slots = NewSlots(_slots.Length * 2);
        foreach (int id in _slots)
        {
            if (id != None)
            {
                Place(slots, id, this[id].Hash);
            }
        }

        _slots = slots;
    }
}
