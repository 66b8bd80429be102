using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Vigil.Native.Inotify;

/// <summary>Why the last function that failed on this thread did: the text of <c>vigil_last_error</c>.</summary>
internal static unsafe class LastError
{
    // Pinned, so that a pointer to it stays right; it lives until the next failure, or until the thread ends.
    [ThreadStatic]
    private static byte[]? _text;

    /// <summary>The text, ended by a NUL; the caller's until the next failure.</summary>
    internal static byte* Text => _text is { } text
        ? (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(text))
        : EmptyText;

    /// <summary>A text of no bytes that stays where it is, as it lies in the library's read-only memory.</summary>
    internal static byte* EmptyText => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));

    /// <summary>Notes a failure.</summary>
    /// <returns>The errno, to be answered.</returns>
    internal static int Set(int errno, string text)
    {
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        _text = bytes;
        return errno;
    }

    /// <summary>Notes a failure: what a C program is told of an exception, as none ever reaches it.</summary>
    /// <returns>The errno, to be answered.</returns>
    internal static int Set(Exception exception)
    {
        try
        {
            return Set(ErrnoOf(exception), exception.Message);
        }
        catch (OutOfMemoryException)
        {
            return Errno.ENOMEM; // not even for the text
        }
    }

    private static int ErrnoOf(Exception exception) => exception switch
    {
        VigilException refused => refused.Errno,
        ObjectDisposedException or OperationCanceledException => Errno.ECANCELED,
        ArgumentException => Errno.EINVAL,
        NotSupportedException => Errno.EOPNOTSUPP,
        OutOfMemoryException => Errno.ENOMEM,
        _ => Errno.EIO,
    };
}
