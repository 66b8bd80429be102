using System.Text.Json.Serialization;

namespace Vigil.Compare.Ring;

/// <summary>One run of one peer, as its program reported it; or why there is nothing to report.</summary>
internal sealed record RingSample(
    string Part, string Row, string Peer, int Repetition, IReadOnlyDictionary<string, double> Numbers, string? Failure)
{
    [JsonIgnore]
    public bool IsRight => Failure is null;

    public double this[string name] => Numbers.TryGetValue(name, out double value) ? value : double.NaN;

    [JsonIgnore]
    public double MessagesPerSecond => this["messages"] / this["seconds"];

    [JsonIgnore]
    public double NanosecondsPerMessage => 1e9 / MessagesPerSecond;
}
