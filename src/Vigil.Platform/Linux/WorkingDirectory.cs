using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>The directory that relative paths start at: getcwd(3).</summary>
/// <remarks>The runtime's own text of it loses the bytes that are not UTF-8.</remarks>
public static partial class WorkingDirectory
{
    private const int ERANGE = 34;
    private const int FirstBytes = 4096;
    private const int MostBytes = 1 << 20;

    /// <summary>Its path as a text of <see cref="PathText"/>; null where it was deleted or may not be known.</summary>
    public static unsafe string? Path
    {
        get
        {
            for (int size = FirstBytes; size <= MostBytes; size *= 2)
            {
                byte[] buffer = new byte[size];
                fixed (byte* pointer = buffer)
                {
                    if (getcwd(pointer, (nuint)size) != 0)
                    {
                        int end = Array.IndexOf(buffer, (byte)0);
                        // "(unreachable)/…" stands for a directory outside the root of this process.
                        return buffer[0] == (byte)'/' ? PathText.FromBytes(buffer.AsSpan(0, end)) : null;
                    }

                    if (Marshal.GetLastPInvokeError() != ERANGE)
                    {
                        return null;
                    }
                }
            }

            return null;
        }
    }

    /// <summary>An absolute path without <c>.</c>, <c>..</c> and a slash at its end, by the text alone.</summary>
    /// <param name="path">A path as a text of <see cref="PathText"/>.</param>
    /// <returns>The path; null for a relative one where there is no working directory.</returns>
    public static string? TryComplete(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string start = "/";
        if (!path.StartsWith('/'))
        {
            if (Path is not { } directory)
            {
                return null;
            }

            start = directory;
        }

        return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path, start));
    }

    /// <summary>As <see cref="TryComplete"/>, for callers to whom no working directory is an error.</summary>
    /// <param name="path">A path as a text of <see cref="PathText"/>.</param>
    /// <returns>The absolute path. Nothing has to be there.</returns>
    /// <exception cref="VigilException">ENOENT: the path is relative, and the working directory was
    /// deleted.</exception>
    public static string Complete(string path) =>
        TryComplete(path) ?? throw VigilException.Create("getcwd", ErrnoTable.ENOENT, path);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint getcwd(byte* buffer, nuint size);
}
