using Vigil.Platform.Linux;

namespace Vigil.Platform;

/// <summary>
/// What a system call answered: its value, or why it was refused. The same for a call that was made here and for a
/// completion of io_uring, which carries the negative error number. Immutable, therefore safe on every thread.
/// </summary>
/// <param name="value">The value, or an error number with a minus before it.</param>
public readonly struct KernelResult(long value) : IEquatable<KernelResult>
{
    /// <summary>The answer to what was cancelled (ECANCELED).</summary>
    public static KernelResult Cancelled => new(-ErrnoTable.ECANCELED);

    /// <summary>The answer to what was interrupted, and is to be tried again (EINTR).</summary>
    public static KernelResult Interrupted => new(-ErrnoTable.EINTR);

    /// <summary>The answer where a directory is, and a file should be (EISDIR).</summary>
    public static KernelResult Directory => new(-ErrnoTable.EISDIR);

    /// <summary>The answer to too many symbolic links (ELOOP).</summary>
    public static KernelResult LinkLoop => new(-ErrnoTable.ELOOP);

    /// <summary>The value of the call; negative where it was refused.</summary>
    public long Value => value;

    /// <summary>Whether the call did what was asked.</summary>
    public bool IsSuccess => value >= 0;

    /// <summary>Why it was refused, or <see cref="Failure.None"/>.</summary>
    public Failure Failure => value >= 0 ? Failure.None : ErrnoTable.Classify((int)-value);

    /// <summary>Whether it was refused as the memory that it was given is not there (EFAULT).</summary>
    public bool IsBadAddress => value == -ErrnoTable.EFAULT;

    /// <summary>
    /// Whether there is nobody at the other end (ENXIO): of a FIFO that is opened for writing without waiting.
    /// </summary>
    public bool HasNoOtherEnd => value == -ErrnoTable.ENXIO;

    /// <summary>Whether it was refused for now, as something else is under way (EBUSY).</summary>
    public bool IsBusy => value == -ErrnoTable.EBUSY;

    /// <summary>The symbolic name of the error number, such as <c>ENOSPC</c>; empty where there is none.</summary>
    public string ErrnoName => value >= 0 ? "" : ErrnoTable.Name((int)-value);

    /// <summary>The refusal as an exception, for whom it is an error.</summary>
    /// <param name="call">The call, as its manual page spells it.</param>
    /// <param name="path">The path that it was about, or null.</param>
    /// <returns>The exception, not thrown.</returns>
    /// <exception cref="InvalidOperationException">Nothing was refused.</exception>
    public VigilException ToException(string call, string? path = null) => value < 0
        ? VigilException.Create(call, (int)-value, path)
        : throw new InvalidOperationException($"{call} was not refused");

    /// <summary>The value, or the refusal as an exception.</summary>
    /// <param name="call">The call, as its manual page spells it.</param>
    /// <param name="path">The path that it was about, or null.</param>
    /// <returns>The value, which is not negative.</returns>
    /// <exception cref="VigilException">It was refused.</exception>
    public long OrThrow(string call, string? path = null) => value >= 0 ? value : throw ToException(call, path);

    /// <inheritdoc/>
    public bool Equals(KernelResult other) => value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KernelResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => value.GetHashCode();

    /// <summary>Whether both are the same value or the same refusal.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(KernelResult left, KernelResult right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(KernelResult left, KernelResult right) => !left.Equals(right);

    // The error number of the call that was made last on this thread, at once.
    internal static KernelResult Of(long result) =>
        new(result >= 0 ? result : -System.Runtime.InteropServices.Marshal.GetLastPInvokeError());
}
