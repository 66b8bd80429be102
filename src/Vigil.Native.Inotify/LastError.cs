using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Vigil.Native.Inotify;

/// <summary>Why the last function that failed on this thread did: the text of <c>vigil_last_error</c>.</summary>
internal static unsafe class LastError
{
    // A text that lies in the library, or null where it was made.
    [ThreadStatic]
    private static byte* _literal;

    // Pinned, so that a pointer to it stays right; it lives until the next failure, or until the thread ends.
    [ThreadStatic]
    private static byte[]? _text;

    /// <summary>The text, ended by a NUL; the caller's until the next failure.</summary>
    internal static byte* Text =>
        _literal is not null ? _literal
        : _text is { } text ? (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(text))
        : EmptyText;

    /// <summary>A text of no bytes that stays where it is, as it lies in the library's read-only memory.</summary>
    internal static byte* EmptyText => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));

    /// <summary>Notes a failure that is often none, such as a time-out; allocates nothing.</summary>
    /// <param name="errno">The answer.</param>
    /// <param name="literal">A literal that ends in a NUL.</param>
    /// <returns>The errno, to be answered.</returns>
    internal static int Set(int errno, ReadOnlySpan<byte> literal)
    {
        _literal = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));
        return errno;
    }

    /// <summary>Notes a failure.</summary>
    /// <returns>The errno, to be answered.</returns>
    internal static int Set(int errno, string text)
    {
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        _text = bytes;
        _literal = null;
        return errno;
    }

    /// <summary>Notes a failure: what a C program is told of an exception, as none ever reaches it.</summary>
    /// <returns>The errno, to be answered.</returns>
    internal static int Set(Exception exception)
    {
        // The messages of the runtime's own exceptions are left out of the library; those of ours are whole.
        try
        {
            return exception switch
            {
                VigilException refused => Set(refused.Errno, refused.Message),
                ObjectDisposedException or OperationCanceledException =>
                    Set(Errno.ECANCELED, "the tree was closed or has ended\0"u8),
                ArgumentException or NotSupportedException => Set(ErrnoOf(exception), exception.Message),
                OutOfMemoryException => Set(Errno.ENOMEM, "there is no memory left\0"u8),
                _ => Set(Errno.EIO, $"the watcher failed: {exception.GetType().Name}: {exception.Message}"),
            };
        }
        catch (OutOfMemoryException)
        {
            return Set(Errno.ENOMEM, "there is no memory left\0"u8);
        }
    }

    private static int ErrnoOf(Exception exception) =>
        exception is NotSupportedException ? Errno.EOPNOTSUPP : Errno.EINVAL;
}
