using System.Runtime.ExceptionServices;

namespace Vigil.IO;

/// <summary>One of many files that were read: its content, or why there is none. Immutable.</summary>
public readonly struct FileContent
{
    private readonly byte[]? _bytes;

    internal FileContent(string path, byte[] bytes)
    {
        Path = path;
        _bytes = bytes;
    }

    internal FileContent(string path, Exception error)
    {
        Path = path;
        Error = error;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>
    /// Why it could not be read: <see cref="VigilException"/> or <see cref="FileTooLargeException"/>; null where it
    /// was.
    /// </summary>
    public Exception? Error { get; }

    /// <summary>What is in it; the array is the reader's.</summary>
    /// <exception cref="VigilException">It could not be read; the same as <see cref="Error"/>.</exception>
    /// <exception cref="FileTooLargeException">There is more in it than was allowed.</exception>
    public byte[] Bytes
    {
        get
        {
            if (Error is not null)
            {
                ExceptionDispatchInfo.Throw(Error);
            }

            return _bytes ?? [];
        }
    }
}
