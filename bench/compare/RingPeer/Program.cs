using System.Globalization;
using Vigil.Compare.RingPeer.Channels;
using Vigil.Compare.RingPeer.Rings;

namespace Vigil.Compare.RingPeer;

/// <summary>
/// The .NET side of <c>bench/compare/run ring</c>: one measurement a start, one line of JSON. A wrong answer is an
/// error: status 1, and the line is not written.
/// <code>
/// RingPeer throughput facade|write|raw|channel BYTES BATCH CONSUMERS WARM_MS MEASURED_MS
/// RingPeer roundtrip facade|raw|channel spin|adaptive|sleep TRIPS
/// RingPeer commit facade|raw BURSTS COMMITS
/// </code>
/// What else it accepts is what it starts itself with: its consumers.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            return Run(args);
        }
        catch (WrongAnswerException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private static int Run(ReadOnlySpan<string> args)
    {
        switch (args)
        {
            case ["throughput", "channel", ..] when args.Length == 7:
                ChannelThroughput.Run(Plan.Parse(args[2..]));
                return 0;
            case ["roundtrip", "channel", var how, var trips]:
                ChannelRoundTrips.Run(how, int.Parse(trips, CultureInfo.InvariantCulture));
                return 0;
            default:
                return RingProgram.Run(args);
        }
    }
}
