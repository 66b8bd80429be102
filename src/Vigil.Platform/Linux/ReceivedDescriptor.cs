using Microsoft.Win32.SafeHandles;

namespace Vigil.Platform.Linux;

/// <summary>A descriptor that another process sent, which may be of any kind. Close-on-exec is set.</summary>
public sealed class ReceivedDescriptor : DescriptorHandle
{
    internal ReceivedDescriptor(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Whether it is a socket: fstat(2).</summary>
    /// <exception cref="ObjectDisposedException">It was disposed or taken.</exception>
    public bool IsSocket => Stat.TryGet(this, out FileStatus status) == Failure.None && status.IsSocket;

    /// <summary>Its size in bytes, -1 where it has none: fstat(2).</summary>
    /// <exception cref="ObjectDisposedException">It was disposed or taken.</exception>
    public long LengthBytes => Stat.TryGet(this, out FileStatus status) == Failure.None ? status.SizeBytes : -1;

    /// <summary>Hands it over as the handle that .NET's own files have.</summary>
    /// <returns>The handle; the caller disposes it. This one is empty afterwards.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed or taken.</exception>
    public SafeFileHandle ToFileHandle() => new(Take(), ownsHandle: true);

    /// <summary>Hands over the bare number, for a C program.</summary>
    /// <returns>The descriptor; the caller closes it. This one is empty afterwards.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed or taken.</exception>
    public int Take()
    {
        ObjectDisposedException.ThrowIf(IsClosed || IsInvalid, this);
        int descriptor = Descriptor;
        SetHandleAsInvalid();
        return descriptor;
    }
}
