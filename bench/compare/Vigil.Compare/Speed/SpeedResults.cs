namespace Vigil.Compare.Speed;

/// <summary>Everything that `run speed` measured, as it was measured.</summary>
internal sealed class SpeedResults
{
    public List<CpuSample> Cpu { get; } = [];

    public List<ReadySample> LargeTree { get; } = [];

    public int LargeTreeDirectories { get; set; }

    public int LargeTreeFiles { get; set; }

    public List<ReadySample> EmptyDirectory { get; } = [];

    public List<LatencySample> Latency { get; } = [];

    /// <summary>Tools that could not be measured, and why.</summary>
    public List<string> Failures { get; } = [];
}
