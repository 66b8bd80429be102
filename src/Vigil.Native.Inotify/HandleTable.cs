namespace Vigil.Native.Inotify;

/// <summary>
/// What a <c>vigil_tree*</c> stands for. A handle is the number of a tree in the shape of a pointer; a number is never
/// used again, so one that was closed is told from one that is valid without a look at what it points to. Thread-safe.
/// </summary>
internal static unsafe class HandleTable
{
    // From 3 on, odd: neither NULL nor anything that an allocator would give.
    private const nuint Step = 2;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<nuint, NativeTree> Trees = [];
    private static nuint _last = 1;

    /// <summary>Makes a handle.</summary>
    internal static void* Add(NativeTree tree)
    {
        lock (Gate)
        {
            _last += Step;
            Trees.Add(_last, tree);
            return (void*)_last;
        }
    }

    /// <summary>The tree that a handle stands for; or null, with the text of the error set.</summary>
    internal static NativeTree? Find(void* handle)
    {
        lock (Gate)
        {
            if (Trees.TryGetValue((nuint)handle, out NativeTree? tree))
            {
                return tree;
            }
        }

        _ = LastError.Set(
            Errno.EINVAL, handle is null ? "the tree is NULL" : "there is no such tree; it may have been closed");
        return null;
    }

    /// <summary>Ends a handle. Of two that try, one gets what it stood for.</summary>
    internal static NativeTree? Remove(void* handle)
    {
        lock (Gate)
        {
            return Trees.Remove((nuint)handle, out NativeTree? tree) ? tree : null;
        }
    }
}
