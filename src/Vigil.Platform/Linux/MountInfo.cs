using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// The mounts of this process: /proc/self/mountinfo, proc_pid_mountinfo(5). poll(2) with POLLPRI tells of changes.
/// </summary>
public sealed partial class MountInfo : DescriptorHandle
{
    private const int O_CLOEXEC = 0x80000;
    private const int MountPointField = 4;

    private MountInfo(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Opens the table.</summary>
    /// <returns>The handle, which the caller disposes, or null where /proc is not mounted.</returns>
    public static unsafe MountInfo? TryOpen()
    {
        fixed (byte* path = "/proc/self/mountinfo\0"u8)
        {
            int fd = open(path, O_CLOEXEC, 0);
            return fd >= 0 ? new MountInfo(fd) : null;
        }
    }

    /// <summary>
    /// Reads where something is mounted now, with an id for each mount that changes when another takes its place.
    /// </summary>
    /// <returns>Pairs of the mount point's absolute path, as bytes, and the mount's id.</returns>
    public static List<KeyValuePair<byte[], long>> Read()
    {
        var mounts = new List<KeyValuePair<byte[], long>>();
        byte[] text;
        try
        {
            text = File.ReadAllBytes("/proc/self/mountinfo");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return mounts;
        }

        ReadOnlySpan<byte> rest = text;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            ParseLine(line, mounts);
        }

        return mounts;
    }

    private static void ParseLine(ReadOnlySpan<byte> line, List<KeyValuePair<byte[], long>> mounts)
    {
        long id = 0;
        int field = 0;
        foreach (Range range in line.Split((byte)' '))
        {
            ReadOnlySpan<byte> value = line[range];
            if (field == 0)
            {
                _ = System.Buffers.Text.Utf8Parser.TryParse(value, out id, out _);
            }
            else if (field == MountPointField)
            {
                mounts.Add(new KeyValuePair<byte[], long>(Unescape(value), id));
                return;
            }

            field++;
        }
    }

    // Space, tab, newline and backslash are written as a backslash and three octal digits (proc_pid_mountinfo(5)).
    private static byte[] Unescape(ReadOnlySpan<byte> value)
    {
        byte[] result = new byte[value.Length];
        int length = 0;
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 3 < value.Length)
            {
                int high = value[i + 1] - '0', middle = value[i + 2] - '0', low = value[i + 3] - '0';
                result[length++] = (byte)((high << 6) | (middle << 3) | low);
                i += 3;
            }
            else
            {
                result[length++] = value[i];
            }
        }

        return result[..length];
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int open(byte* path, int flags, int mode);
}
