using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Vigil.Testing;

/// <summary>
/// A temporary directory for one test, gone when it is disposed, whatever is in it by then: names that are not UTF-8,
/// paths longer than PATH_MAX, directories without permissions. Names given to its methods are relative to it.
/// </summary>
public sealed class TempTree : IDisposable
{
    private const uint DirectoryMode = 0b111_101_101;
    private const uint FileMode = 0b110_100_100;

    private bool _disposed;

    /// <summary>Makes an empty directory on the file system of the system's temporary directory.</summary>
    public TempTree()
        : this(System.IO.Path.GetTempPath())
    {
    }

    private TempTree(string parent)
    {
        Path = System.IO.Path.Combine(parent, "vigil-" + System.IO.Path.GetRandomFileName());
        Directory.CreateDirectory(Path);
    }

    /// <summary>The absolute path of the directory.</summary>
    public string Path { get; }

    /// <summary>Makes an empty directory in memory (tmpfs), under <c>/dev/shm</c>.</summary>
    public static TempTree InMemory() => new("/dev/shm");

    /// <summary>Makes an empty directory inside another, which chooses the file system.</summary>
    /// <param name="parent">A directory that exists.</param>
    public static TempTree Inside(string parent) => new(parent);

    /// <summary>The absolute path of an entry, which need not exist.</summary>
    /// <param name="name">The entry's path in the tree.</param>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a directory, and those above it that are missing.</summary>
    /// <param name="name">The directory's path in the tree.</param>
    /// <returns>Its absolute path.</returns>
    public string MakeDirectory(string name) => Directory.CreateDirectory(At(name)).FullName;

    /// <summary>Writes a file, and makes the directories above it that are missing.</summary>
    /// <param name="name">The file's path in the tree.</param>
    /// <param name="text">What is in it.</param>
    /// <returns>Its absolute path.</returns>
    public string WriteFile(string name, string text = "")
    {
        string path = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Makes an empty file with a name of any bytes but NUL.</summary>
    /// <param name="name">The file's path in the tree.</param>
    public unsafe void MakeFile(ReadOnlySpan<byte> name)
    {
        fixed (byte* path = Bytes(name))
        {
            int descriptor = Libc.Create(path, FileMode);
            Check(descriptor, "creat", name);
            Check(Libc.Close(descriptor), "close", name);
        }
    }

    /// <summary>Makes a directory with a name of any bytes but NUL.</summary>
    /// <param name="name">The directory's path in the tree.</param>
    public unsafe void MakeDirectory(ReadOnlySpan<byte> name)
    {
        fixed (byte* path = Bytes(name))
        {
            Check(Libc.MakeDirectory(path, DirectoryMode), "mkdir", name);
        }
    }

    /// <summary>Renames an entry; both names may be any bytes but NUL.</summary>
    /// <param name="from">Its path in the tree.</param>
    /// <param name="to">Its new path in the tree.</param>
    public unsafe void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        fixed (byte* old = Bytes(from), @new = Bytes(to))
        {
            Check(Libc.Rename(old, @new), "rename", from);
        }
    }

    /// <summary>
    /// Removes the directory with everything below it. What cannot be removed is told on standard error and left,
    /// because an exception here would hide the one that ended the test.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;

        // rm works on descriptors and bytes, where the runtime works on whole paths and decoded names.
        if (Run("rm", "-rf", "--", Path) is not null)
        {
            Run("chmod", "-R", "u+rwx", "--", Path);
            if (Run("rm", "-rf", "--", Path) is { } complaint)
            {
                Console.Error.WriteLine($"{Path} is left behind: {complaint}");
            }
        }
    }

    private static string? Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : complaint.Trim();
    }

    private static void Check(int result, string call, ReadOnlySpan<byte> name)
    {
        if (result < 0)
        {
            string reason = Marshal.GetLastPInvokeErrorMessage();
            throw new IOException($"{call} '{Encoding.UTF8.GetString(name)}': {reason}");
        }
    }

    private byte[] Bytes(ReadOnlySpan<byte> name) => [.. Encoding.UTF8.GetBytes(Path), (byte)'/', .. name, 0];
}
