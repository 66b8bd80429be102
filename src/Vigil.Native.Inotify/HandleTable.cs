namespace Vigil.Native.Inotify;

/// <summary>
/// What a <c>vigil_tree*</c> or a <c>vigil_bus*</c> stands for. A handle is a number in the shape of a pointer; it is
/// never used again, so one that was closed is told from one that is valid without a look at what it points to.
/// Thread-safe.
/// </summary>
internal static unsafe class HandleTable
{
    // From 3 on, odd: neither NULL nor anything that an allocator would give.
    private const nuint Step = 2;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<nuint, NativeStream> Streams = [];
    private static nuint _last = 1;

    /// <summary>Makes a handle.</summary>
    internal static void* Add(NativeStream stream)
    {
        lock (Gate)
        {
            _last += Step;
            Streams.Add(_last, stream);
            return (void*)_last;
        }
    }

    /// <summary>What a handle stands for; or null, with the text of the error set.</summary>
    internal static T? Find<T>(void* handle)
        where T : NativeStream
    {
        lock (Gate)
        {
            if (Streams.TryGetValue((nuint)handle, out NativeStream? stream) && stream is T found)
            {
                return found;
            }
        }

        bool isTree = typeof(T) == typeof(NativeTree);
        _ = handle is null
            ? LastError.Set(Errno.EINVAL, isTree ? "the tree is NULL\0"u8 : "the bus is NULL\0"u8)
            : LastError.Set(
                Errno.EINVAL,
                isTree ? "there is no such tree; it may have been closed\0"u8
                    : "there is no such bus; it may have been closed\0"u8);
        return null;
    }

    /// <summary>Ends a handle. Of two that try, one gets what it stood for.</summary>
    internal static T? Remove<T>(void* handle)
        where T : NativeStream
    {
        lock (Gate)
        {
            return Streams.TryGetValue((nuint)handle, out NativeStream? stream) && stream is T found
                && Streams.Remove((nuint)handle)
                    ? found
                    : null;
        }
    }
}
