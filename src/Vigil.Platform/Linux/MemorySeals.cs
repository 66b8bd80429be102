namespace Vigil.Platform.Linux;

/// <summary>What can no longer be done to a <see cref="MemoryFile"/>: the F_SEAL_* constants of fcntl(2).</summary>
[Flags]
public enum MemorySeals
{
    /// <summary>Everything can be done.</summary>
    None = 0,

    /// <summary>F_SEAL_SEAL: no further seals.</summary>
    Seal = 0x1,

    /// <summary>F_SEAL_SHRINK: it cannot become smaller, so a mapping of it never faults.</summary>
    Shrink = 0x2,

    /// <summary>F_SEAL_GROW: it cannot become larger.</summary>
    Grow = 0x4,

    /// <summary>F_SEAL_WRITE: nobody can write it.</summary>
    Write = 0x8,

    /// <summary>F_SEAL_FUTURE_WRITE (Linux 5.1): only the writable mappings that exist already can write it.</summary>
    FutureWrite = 0x10,

    /// <summary>F_SEAL_EXEC (Linux 6.3): its mode has no right to execute, and gets none.</summary>
    Exec = 0x20,
}
