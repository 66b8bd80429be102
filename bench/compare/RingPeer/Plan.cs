using System.Globalization;

namespace Vigil.Compare.RingPeer;

/// <summary>What a throughput run is to do.</summary>
internal sealed record Plan(int MessageBytes, int Batch, int Consumers, TimeSpan Warm, TimeSpan Measured)
{
    public const int RingBytes = 1 << 20;

    public int PayloadBytes => MessageBytes - Message.HeaderBytes;

    public int RunBytes => Batch * MessageBytes;

    /// <summary>BYTES BATCH CONSUMERS WARM_MS MEASURED_MS.</summary>
    public static Plan Parse(ReadOnlySpan<string> arguments) => new(
        int.Parse(arguments[0], CultureInfo.InvariantCulture),
        int.Parse(arguments[1], CultureInfo.InvariantCulture),
        int.Parse(arguments[2], CultureInfo.InvariantCulture),
        TimeSpan.FromMilliseconds(int.Parse(arguments[3], CultureInfo.InvariantCulture)),
        TimeSpan.FromMilliseconds(int.Parse(arguments[4], CultureInfo.InvariantCulture)));
}
