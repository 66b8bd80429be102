using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// Directories of the mirror that are open now, each checked to be the directory its node stands for. It keeps them
/// only for
/// a batch: an open directory keeps its file system from being unmounted. Not thread-safe.
/// </summary>
internal sealed class DirectoryCache
{
    private const int Capacity = 64;
    private readonly Dictionary<int, DirectoryHandle> _handles = new(Capacity);

    /// <summary>The node whose directory is in use and is not closed to make room, or None.</summary>
    internal int Pinned { get; set; } = Mirror.None;

    internal DirectoryHandle? Find(int node) => _handles.GetValueOrDefault(node);

    internal void Keep(int node, DirectoryHandle handle)
    {
        if (_handles.Count >= Capacity)
        {
            MakeRoom();
        }

        Drop(node);
        _handles[node] = handle;
    }

    /// <summary>Closes a node's directory, if it is open; called when the node goes or changes its identity.</summary>
    internal void Drop(int node)
    {
        if (_handles.Remove(node, out DirectoryHandle? handle))
        {
            handle.Dispose();
        }
    }

    /// <summary>Closes all but the one that is in use.</summary>
    internal void MakeRoom()
    {
        foreach (int node in _handles.Keys.ToArray())
        {
            if (node != Pinned)
            {
                Drop(node);
            }
        }
    }

    internal void Clear()
    {
        foreach (DirectoryHandle handle in _handles.Values)
        {
            handle.Dispose();
        }

        _handles.Clear();
    }
}
