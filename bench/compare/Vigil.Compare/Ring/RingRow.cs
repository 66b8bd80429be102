using System.Globalization;

namespace Vigil.Compare.Ring;

/// <summary>One row of a table: what is measured, and with what numbers.</summary>
internal sealed record RingRow(string Part, string Title, string What, IReadOnlyList<string> Numbers)
{
    public const string Throughput = "throughput";
    public const string RoundTrip = "roundtrip";
    public const string Commit = "commit";
    public const string Exports = "exports";

    private const int Trips = 300_000;

    // One with a sleep at each end takes a hundred times as long.
    private const int TripsAsleep = 3000;

    /// <summary>Bytes of a message, messages a commit, consumers.</summary>
    public (int Bytes, int Batch, int Consumers) Shape { get; private init; }

    public static IEnumerable<RingRow> All(Settings settings)
    {
        foreach (int consumers in (int[])[1, 3])
        {
            yield return ThroughputOf(64, 1, consumers, settings);
            yield return ThroughputOf(64, 16, consumers, settings);
            yield return ThroughputOf(4096, 1, consumers, settings);
        }

        foreach (string how in (string[])["spin", "adaptive", "sleep"])
        {
            yield return new(RoundTrip, how, RoundTrip, [how, Text(how == "sleep" ? TripsAsleep : Trips)]);
        }

        yield return new(Commit, "a push consumer that is awake", Commit, ["400", "4096"]);
        yield return new(Exports, "a call", Exports, [settings.ZbqPath, "60"]);
    }

    /// <summary>Whether a peer can do this at all.</summary>
    public bool Suits(RingPeer peer) => Part switch
    {
        Throughput => peer.Key != "libzbq" && (Shape.Batch == 1 || peer.Key != "write"),
        RoundTrip when peer.IsKernels => Title == "sleep",
        RoundTrip when peer.Key == "channel" => Title != "adaptive",
        RoundTrip => peer.Key is not ("libzbq" or "write"),
        Commit => peer.Key == RingPeer.MeasureKey || peer.IsOurs,
        _ => peer.Key == "libzbq",
    };

    /// <summary>The arguments of the program of a peer that this row suits.</summary>
    public string[] Arguments(RingPeer peer) => Part switch
    {
        // A pipe has no way to wait but to sleep.
        RoundTrip when peer.IsKernels => peer.Arguments(What, Numbers.Skip(1)),
        Exports => [.. Numbers],
        _ => peer.Arguments(What, Numbers),
    };

    private static RingRow ThroughputOf(int bytes, int batch, int consumers, Settings settings)
    {
        string size = bytes == 4096 ? "4 KiB" : $"{bytes} B";
        string commits = batch == 1 ? "each committed" : $"batches of {batch}";
        string readers = consumers == 1 ? "1 consumer" : $"{consumers} consumers";
        string[] numbers =
        [
            Text(bytes), Text(batch), Text(consumers), Text(settings.WarmMilliseconds),
            Text(settings.MeasuredMilliseconds),
        ];
        return new(Throughput, $"{size}, {commits}, {readers}", Throughput, numbers)
        {
            Shape = (bytes, batch, consumers),
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
