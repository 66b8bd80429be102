using System.Globalization;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>Finds the code for a way to use the ring.</summary>
internal static class RingProgram
{
    public static int Run(ReadOnlySpan<string> args)
    {
        switch (args.Length > 1 ? args[1] : "")
        {
            case "facade":
                return Run<FacadeWriter, FacadeReader>(args);
            case "write":
                return Run<SpanWriter, FacadeReader>(args);
            case "raw":
                return Run<RawWriter, RawReader>(args);
            default:
                Console.Error.WriteLine("usage: see Program.cs");
                return 2;
        }
    }

    private static int Run<TWriter, TReader>(ReadOnlySpan<string> args)
        where TWriter : struct, IRingWriter<TWriter>
        where TReader : struct, IRingReader<TReader>
    {
        switch (args)
        {
            case ["throughput", var kind, ..] when args.Length == 7:
                RingThroughput<TWriter, TReader>.Produce(kind, args[2..].ToArray());
                return 0;
            case ["consume", _, var path, ..] when args.Length == 8:
                RingThroughput<TWriter, TReader>.Consume(path, Plan.Parse(args[3..]));
                return 0;
            case ["roundtrip", var kind, var how, var trips]:
                RingRoundTrips<TWriter, TReader>.Ask(kind, how, Number(trips));
                return 0;
            case ["answer", _, var path, var how, var trips]:
                RingRoundTrips<TWriter, TReader>.Answer(path, WaitingOf(how), Number(trips));
                return 0;
            case ["commit", var kind, var bursts, var each]:
                RingCommits<TWriter, TReader>.Produce(kind, Number(bursts), Number(each));
                return 0;
            case ["bursts", _, var path, var total]:
                RingCommits<TWriter, TReader>.Consume(path, ulong.Parse(total, CultureInfo.InvariantCulture));
                return 0;
            default:
                Console.Error.WriteLine("usage: see Program.cs");
                return 2;
        }
    }

    internal static RingWaiting WaitingOf(string how) => Enum.Parse<RingWaiting>(how, ignoreCase: true);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
