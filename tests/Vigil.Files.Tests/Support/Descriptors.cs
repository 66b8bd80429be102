using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>What this process has open, as /proc tells.</summary>
internal static class Descriptors
{
    /// <summary>Whether a program that is started does not inherit it: fcntl(2).</summary>
    internal static bool ClosesOnExec(SafeFileHandle handle) => (Libc.Control(handle, Libc.F_GETFD, 0) & 1) != 0;

    /// <summary>How many there are whose target begins so.</summary>
    internal static int Count(string start)
    {
        int count = 0;
        foreach (string entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            try
            {
                count += new FileInfo(entry).LinkTarget?.StartsWith(start, StringComparison.Ordinal) == true ? 1 : 0;
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }
        }

        return count;
    }
}
