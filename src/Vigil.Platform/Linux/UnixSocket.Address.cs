using System.Text;

namespace Vigil.Platform.Linux;

/// <content>struct sockaddr_un: two bytes of family, then the path.</content>
public sealed partial class UnixSocket
{
    private const int AddressBytes = sizeof(ushort) + MaxPathBytes;

    private static unsafe int WriteAddress(string path, byte* address)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int pathBytes = Encoding.UTF8.GetByteCount(path);
        if (pathBytes >= MaxPathBytes)
        {
            throw new ArgumentException(
                $"The path of a socket may have {MaxPathBytes - 1} bytes, this one has {pathBytes}: {path}; use a "
                + "shorter directory, such as the one XDG_RUNTIME_DIR names.",
                nameof(path));
        }

        if (path.Contains('\0'))
        {
            throw new ArgumentException("The path of a socket cannot contain a NUL.", nameof(path));
        }

        *(ushort*)address = AF_UNIX;
        Encoding.UTF8.GetBytes(path, new Span<byte>(address + sizeof(ushort), pathBytes));
        address[sizeof(ushort) + pathBytes] = 0;
        return sizeof(ushort) + pathBytes + 1;
    }
}
