namespace Vigil.IO;

/// <summary>A file has more bytes than the caller was willing to read.</summary>
public sealed class FileTooLargeException : IOException
{
    internal FileTooLargeException(string path, int maxBytes)
        : base($"{path}: more than the {maxBytes} bytes that were asked for at the most")
    {
        Path = path;
        MaxBytes = maxBytes;
    }

    /// <summary>The path of the file, as it was given.</summary>
    public string Path { get; }

    /// <summary>How many bytes were allowed.</summary>
    public int MaxBytes { get; }
}
