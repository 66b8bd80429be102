namespace Vigil.IO;

/// <summary>How many files are read.</summary>
public sealed record ReadManyOptions
{
    private readonly int _inFlight = 64;
    private readonly int _maxBytes = 64 << 20;

    /// <summary>
    /// How many files are read at a time: 1 to 4096, usually 64; fewer where the process may not have so many open
    /// (RLIMIT_NOFILE), or by threads, of which there are eight for each processor.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less or more.</exception>
    public int InFlight
    {
        get => _inFlight;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 4096);
            _inFlight = value;
        }
    }

    // For tests: how many entries the kernel takes by one call, as when it has no memory for more.
    internal int MostSubmitted { get; init; } = int.MaxValue;

    /// <summary>The longest file that is read, usually 64 MiB; a longer one is given with an error.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaxBytes
    {
        get => _maxBytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _maxBytes = value;
        }
    }
}
