using System.Runtime.CompilerServices;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>What a commit costs while the reader, which could sleep, is awake and looks.</summary>
internal static class RingCommits<TWriter, TReader>
    where TWriter : struct, IRingWriter<TWriter>
    where TReader : struct, IRingReader<TReader>
{
    private const int PayloadBytes = 64 - Message.HeaderBytes;
    private const int Pauses = 32;

    // So many bursts are not kept: they warm up.
    private const int WarmUp = 100;

    public static void Produce(string kind, int bursts, int each)
    {
        using MeetingPlace place = new();
        using TWriter writer = TWriter.Listen(place.Path, 2 * each * 64, consumers: 1);
        ulong total = 2 * (ulong)(WarmUp + bursts) * (ulong)each;
        using OtherProcess reader = new("bursts", kind, place.Path, $"{total}");
        writer.AwaitJoined(1);
        reader.AwaitReady();
        Processor.PinTo(0);
        List<double> alone = [];
        List<double> whole = [];
        ulong sent = 0;
        for (int burst = 0; burst < WarmUp + bursts; burst++)
        {
            long commits = writer.WriteThenCommit(each, PayloadBytes, sent);
            sent += commits >= 0 ? (ulong)each : 0;
            AwaitEmpty(writer);
            do
            {
                // Where commits cannot be had alone, it is whole messages twice, so that the number is the same.
                long messages = WriteAll(writer, each, sent);
                sent += (ulong)each;
                AwaitEmpty(writer);
                if (burst >= WarmUp)
                {
                    whole.Add((double)messages / each);
                }
            }
            while (sent % (2 * (ulong)each) != 0);
            if (burst >= WarmUp && commits >= 0)
            {
                alone.Add((double)commits / each);
            }
        }

        double received = reader.Result()["received"];
        if ((ulong)received != total)
        {
            throw new WrongAnswerException("messages received", total, (ulong)received);
        }

        if (alone.Count > 0)
        {
            Json.Write(
                ("commits", total), ("commitNs", Median(alone)), ("messageNs", Median(whole)), ("wakes", writer.Wakes));
        }
        else
        {
            Json.Write(("commits", total), ("messageNs", Median(whole)), ("wakes", writer.Wakes));
        }
    }

    public static void Consume(string path, ulong total)
    {
        using TReader reader = TReader.Join(path, RingWaiting.Spin);
        Processor.PinTo(1);
        OtherProcess.SayReady();
        Check check = default;
        while (check.Next < total)
        {
            if (reader.Read(ref check) == 0)
            {
                reader.Wait(Pauses);
            }
        }

        Json.Write(("received", check.Next));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long WriteAll(TWriter writer, int each, ulong sent)
    {
        long begin = Clock.Now;
        for (int i = 0; i < each; i++)
        {
            if (!writer.TryWrite(1, PayloadBytes, sent + (ulong)i))
            {
                throw new InvalidOperationException("a ring with room is full");
            }
        }

        return Clock.Now - begin;
    }

    private static void AwaitEmpty(TWriter writer)
    {
        while (!writer.IsEmpty)
        {
            Processor.PauseAWhile();
        }
    }

    private static double Median(List<double> numbers)
    {
        numbers.Sort();
        return numbers[(numbers.Count - 1) / 2];
    }
}
