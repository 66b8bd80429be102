using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <content>The call itself, for all who wait for descriptors.</content>
public static partial class Poll
{
    internal const short POLLIN = 0x1;
    internal const short POLLPRI = 0x2;
    internal const short POLLOUT = 0x4;
    internal const short POLLERR = 0x8;
    internal const short POLLHUP = 0x10;

    [LibraryImport("libc")]
    internal static unsafe partial int poll(PollFd* fds, nuint count, int timeoutMs);

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollFd
    {
        public int Fd;
        public short Events;
        public short Revents;
    }
}
