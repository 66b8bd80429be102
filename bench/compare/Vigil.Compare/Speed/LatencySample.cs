namespace Vigil.Compare.Speed;

/// <summary>
/// Latencies of one tool and one kind of write; writes that were never reported are counted, not left out.
/// </summary>
internal sealed record LatencySample(
    string Tool, string FileSystem, string Pattern, int Unanswered, IReadOnlyList<double> Microseconds);
