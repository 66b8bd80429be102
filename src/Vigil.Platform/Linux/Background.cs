using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>A process that is to stay when whoever started it goes: setsid(2), chdir(2), dup2(2).</summary>
public static partial class Background
{
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;
    private const int StandardError = 2;

    /// <summary>
    /// Leaves the session and the terminal of who started this process, and lets go of its standard streams: they lead
    /// nowhere from now on. Its current directory is the root, so that it keeps no file system from being unmounted. A
    /// process that leads its group cannot leave the session, and only lets go.
    /// </summary>
    /// <exception cref="VigilException">There is no /dev/null, or no descriptor left.</exception>
    public static void Enter()
    {
        _ = setsid();
        _ = chdir("/");
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC, 0);
        if (fd < 0)
        {
            throw VigilException.Create("open", Marshal.GetLastPInvokeError(), "/dev/null");
        }

        for (int standard = 0; standard <= StandardError; standard++)
        {
            _ = dup2(fd, standard);
        }

        if (fd > StandardError)
        {
            _ = close(fd);
        }
    }

    [LibraryImport("libc")]
    private static partial int setsid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial int close(int fd);
}
