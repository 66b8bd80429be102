using System.Text.Json.Serialization;

namespace Vigil.Compare.Files;

/// <summary>One run of one peer, as its program reported it; or why there is nothing to report.</summary>
internal sealed record FilesSample(
    string Part, string Peer, int Repetition, IReadOnlyDictionary<string, double> Numbers, string? Failure)
{
    [JsonIgnore]
    public bool IsRight => Failure is null;

    public double this[string name] => Numbers.TryGetValue(name, out double value) ? value : double.NaN;

    [JsonIgnore]
    public double Seconds => this["seconds"];

    [JsonIgnore]
    public double NanosecondsEach => Seconds * 1e9 / this["count"];

    [JsonIgnore]
    public double CpuNanosecondsEach => this["cpuSeconds"] * 1e9 / this["count"];

    [JsonIgnore]
    public double AllocatedEach => this["allocated"] / this["count"];

    /// <summary>What has to be the same for all peers: how many, how many bytes, and what is in them.</summary>
    [JsonIgnore]
    public (double Count, double Bytes, double Sum) Answer => (this["count"], this["bytes"], this["sum"]);
}
