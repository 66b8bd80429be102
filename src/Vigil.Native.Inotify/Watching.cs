using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Platform.Linux;

namespace Vigil.Native.Inotify;

/// <summary>The one function of the raw kernel: <c>watch</c>. What it does is said in vigil.h.</summary>
internal static unsafe class Watching
{
    // Large enough that the two system calls of a read are little beside the hundreds of events that it brings, and
    // small enough for the stack of every thread and the first cache.
    private const int BufferBytes = 16 * 1024;

    private const int WouldBlock = -1;

    [UnmanagedCallersOnly(EntryPoint = "watch")]
    internal static int Watch(int descriptor, delegate* unmanaged<InotifyEvent*, byte*, void> callback) =>
        callback is null ? Errno.EINVAL : ReadOnce(descriptor, callback);

    // A function of its own, because it has a buffer on the stack: the value that guards one is chosen when the runtime
    // starts, which may be in the middle of the function that was called from outside.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ReadOnce(int descriptor, delegate* unmanaged<InotifyEvent*, byte*, void> callback)
    {
        // Of longs, to be aligned.
        long* buffer = stackalloc long[BufferBytes / sizeof(long)];
        int bytes = BorrowedInotify.Read(descriptor, (byte*)buffer, BufferBytes);
        if (bytes < 0)
        {
            return bytes == -Errno.EAGAIN ? WouldBlock : -bytes;
        }

        byte* at = (byte*)buffer;
        for (byte* end = at + bytes; at < end;)
        {
            var one = (InotifyEvent*)at;
            at += sizeof(InotifyEvent) + one->NameBytes;
            callback(one, one->NameBytes == 0 ? LastError.EmptyText : (byte*)(one + 1));
        }

        return 0;
    }
}
