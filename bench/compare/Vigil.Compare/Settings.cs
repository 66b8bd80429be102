namespace Vigil.Compare;

/// <summary>What one run was asked to do.</summary>
internal sealed record Settings
{
    public required string RepositoryRoot { get; init; }

    /// <summary>Where the C programs are, built by the <c>run</c> script.</summary>
    public required string NativeTools { get; init; }

    public required string ResultsFolder { get; init; }

    /// <summary>The folders whose file systems are measured: a disk's, and memory's.</summary>
    public required IReadOnlyList<string> Parents { get; init; }

    /// <summary>The tools asked for, by key; empty for all.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>The parts asked for (scenarios of <c>loss</c>, letters of <c>speed</c>); empty for all.</summary>
    public required IReadOnlyList<string> Parts { get; init; }

    /// <summary>The binary that ./vigil publishes, or what the variable VIGIL names.</summary>
    public required string VigilPath { get; init; }

    public int Repeat { get; init; } = 1;

    public long Operations { get; init; } = 500_000;

    public double Rate { get; init; } = 100_000;

    /// <summary>How wide the large tree's innermost level is: 50 make 51,051 directories and 200,000 files.</summary>
    public int Leaves { get; init; } = 50;

    /// <summary>The library that <c>ring</c> calls from C, or what the variable ZBQ names.</summary>
    public string ZbqPath { get; init; } = "";

    /// <summary>How long each throughput run of <c>ring</c> warms up.</summary>
    public int WarmMilliseconds { get; init; } = 400;

    /// <summary>How long it is then measured.</summary>
    public int MeasuredMilliseconds { get; init; } = 300;

    public bool Wants(string part) =>
        Parts.Count == 0 || Parts.Contains(part, StringComparer.OrdinalIgnoreCase);
}
