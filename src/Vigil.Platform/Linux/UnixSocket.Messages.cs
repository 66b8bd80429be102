using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <content>Messages with descriptors: sendmsg(2), recvmsg(2), cmsg(3), SCM_RIGHTS of unix(7).</content>
public sealed partial class UnixSocket
{
    private const int SCM_RIGHTS = 1;
    private const int MSG_PEEK = 0x2;
    private const int MSG_CTRUNC = 0x8;
    private const int MSG_TRUNC = 0x20;
    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_CMSG_CLOEXEC = 0x40000000;

    // struct cmsghdr on 64-bit: size_t length, int level, int type; then the data.
    private const int ControlHeaderBytes = 16;

    /// <summary>Sends one message without waiting for room.</summary>
    /// <param name="bytes">Its bytes, at least one.</param>
    /// <param name="descriptors">Descriptors that go with it, at most <see cref="MaxDescriptors"/>; the sender keeps
    /// its own.</param>
    /// <returns>None: all of it was sent. WouldBlock: no room. Disconnected: the other end is closed. Invalid: too many
    /// descriptors, one that is not open, or no socket. TooManyReferences: too many are under way.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe Failure TrySend(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        int controlBytes = ControlHeaderBytes + (descriptors.Length * sizeof(int));
        Span<byte> control = stackalloc byte[AlignControl(controlBytes)];
        control.Clear();
        fixed (byte* data = bytes)
        fixed (byte* ancillary = control)
        {
            if (!descriptors.IsEmpty)
            {
                *(nuint*)ancillary = (nuint)controlBytes;
                ((int*)ancillary)[2] = SOL_SOCKET;
                ((int*)ancillary)[3] = SCM_RIGHTS;
                descriptors.CopyTo(new Span<int>(ancillary + ControlHeaderBytes, descriptors.Length));
            }

            IoVector vector = new() { Base = data, Length = (nuint)bytes.Length };
            MessageHeader header = new()
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = descriptors.IsEmpty ? null : ancillary,
                ControlLength = descriptors.IsEmpty ? 0 : (nuint)control.Length,
            };
            nint sent = sendmsg(this, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0)
            {
                return ErrnoTable.Classify(Marshal.GetLastPInvokeError());
            }

            return sent == bytes.Length ? Failure.None : Failure.Io;
        }
    }

    /// <summary>
    /// Receives one message without waiting for one. What does not fit is dropped, and then the message is not
    /// <see cref="ReceivedMessage.IsComplete"/>; descriptors that came with it are closed by
    /// <see cref="ReceivedMessage.Dispose"/> unless they are taken.
    /// </summary>
    /// <param name="buffer">Where its bytes go.</param>
    /// <param name="message">What came: dispose it.</param>
    /// <returns>None, also at the end of the stream, with 0 bytes. WouldBlock: nothing there yet. Disconnected: the
    /// connection was reset. Invalid: no socket.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe Failure TryReceive(Span<byte> buffer, out ReceivedMessage message)
    {
        const int ControlBytes = ControlHeaderBytes + (MaxDescriptors * sizeof(int)) + 4;
        byte* ancillary = stackalloc byte[ControlBytes];
        fixed (byte* data = buffer)
        {
            IoVector vector = new() { Base = data, Length = (nuint)buffer.Length };
            MessageHeader header = new()
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = ancillary,
                ControlLength = ControlBytes,
            };
            nint count = recvmsg(this, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
            if (count < 0)
            {
                message = default;
                return ErrnoTable.Classify(Marshal.GetLastPInvokeError());
            }

            bool isComplete = (header.Flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
            message = new ReceivedMessage((int)count, Descriptors(ancillary, (long)header.ControlLength), isComplete);
            return Failure.None;
        }
    }

    /// <summary>Looks at the next message of a socket that keeps their bounds, without taking it or waiting for
    /// it.</summary>
    /// <param name="start">Where its first bytes go.</param>
    /// <param name="lengthBytes">How many bytes it has; 0 at the end of the stream.</param>
    /// <returns>As <see cref="TryReceive"/>.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public unsafe Failure TryPeek(Span<byte> start, out int lengthBytes)
    {
        fixed (byte* data = start)
        {
            nint count = recv(this, data, (nuint)start.Length, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
            lengthBytes = (int)Math.Max(0, count);
            return count >= 0 ? Failure.None : ErrnoTable.Classify(Marshal.GetLastPInvokeError());
        }
    }

    // Every descriptor in the control data is ours now and has to be closed by somebody, however odd the rest is.
    private static unsafe ReceivedDescriptor[] Descriptors(byte* control, long length)
    {
        ReceivedDescriptor[] descriptors = [];
        long offset = 0;
        while (offset + ControlHeaderBytes <= length)
        {
            long itemBytes = *(long*)(control + offset);
            if (itemBytes < ControlHeaderBytes || itemBytes > length - offset)
            {
                break;
            }

            int* header = (int*)(control + offset);
            if (header[2] == SOL_SOCKET && header[3] == SCM_RIGHTS)
            {
                int count = (int)(itemBytes - ControlHeaderBytes) / sizeof(int);
                int old = descriptors.Length;
                Array.Resize(ref descriptors, old + count);
                for (int i = 0; i < count; i++)
                {
                    descriptors[old + i] = new ReceivedDescriptor(header[4 + i]);
                }
            }

            offset += AlignControl((int)itemBytes);
        }

        return descriptors;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int AlignControl(int bytes) => (bytes + 7) & ~7;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendmsg(UnixSocket fd, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recvmsg(UnixSocket fd, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recv(UnixSocket fd, byte* buffer, nuint length, int flags);

    // struct iovec and struct msghdr of recvmsg(2) on 64-bit.
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct MessageHeader
    {
        public void* Name;
        public int NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
