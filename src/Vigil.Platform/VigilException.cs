using Vigil.Platform.Linux;

namespace Vigil;

/// <summary>
/// The kernel refused something. The message is one line that names the call, the path, the errno, the limit that was
/// hit
/// with its present value, and what to do about it.
/// </summary>
/// <remarks>Sources: errno(3), inotify(7) and the manual page of each call. Immutable, therefore safe on every
/// thread.</remarks>
public sealed class VigilException : IOException
{
    private VigilException(string message, string call, int errno, string? path, string? remedy)
        : base(message)
    {
        Call = call;
        Errno = errno;
        Path = path;
        Remedy = remedy;
        HResult = errno;
    }

    /// <summary>The system call that failed, as its manual page spells it.</summary>
    public string Call { get; }

    /// <summary>The error number, as errno(3) numbers them on Linux.</summary>
    public int Errno { get; }

    /// <summary>The symbolic name of <see cref="Errno"/>, such as <c>ENOSPC</c>.</summary>
    public string ErrnoName => ErrnoTable.Name(Errno);

    /// <summary>What kind of refusal it is.</summary>
    public Platform.Failure Failure => ErrnoTable.Classify(Errno);

    /// <summary>The path that the call was about, or null where there is none.</summary>
    public string? Path { get; }

    /// <summary>What a person can do about it, or null where nothing general can be said.</summary>
    public string? Remedy { get; }

    internal static VigilException Create(string call, int errno, string? path = null) =>
        Create(call, errno, path, Advice(call, errno, path));

    internal static VigilException Create(string call, int errno, string? path, string? remedy)
    {
        string subject = path is null ? call : $"{call}({path})";
        string message = $"{subject}: {ErrnoTable.Describe(errno)} ({ErrnoTable.Name(errno)})";
        if (remedy is not null)
        {
            message += $": {remedy}";
        }

        return new VigilException(message, call, errno, path, remedy);
    }

    // The advice looks at the disk and at /proc, where anything may fail; what is told then is the refusal itself.
    private static string? Advice(string call, int errno, string? path)
    {
        try
        {
            return ErrnoAdvice.For(call, errno, path);
        }
        catch (Exception)
        {
            return errno == ErrnoTable.ENOENT ? "check the path" : null;
        }
    }
}
