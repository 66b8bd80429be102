using Vigil.Platform;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>Two rings between two processes, one message at a time.</summary>
internal static class RingRoundTrips<TWriter, TReader>
    where TWriter : struct, IRingWriter<TWriter>
    where TReader : struct, IRingReader<TReader>
{
    private const int PayloadBytes = 64 - Message.HeaderBytes;

    public static void Ask(string kind, string how, int count)
    {
        RingWaiting waiting = RingProgram.WaitingOf(how);
        using MeetingPlace place = new();
        using TWriter writer = TWriter.Listen(place.Path, Plan.RingBytes, consumers: 1);
        using OtherProcess other = new("answer", kind, place.Path, how, $"{count}");
        writer.AwaitJoined(1);
        other.AwaitReady();
        using TReader reader = JoinWhenThere(place.Path + "-back", waiting);
        Processor.PinTo(0);
        RoundTrips trips = new(count);
        Check check = default;
        for (int i = 0; i < trips.All; i++)
        {
            trips.Note(i, Trip(writer, reader, (ulong)i, ref check));
        }

        double received = other.Result()["received"];
        if ((ulong)received != (ulong)trips.All)
        {
            throw new WrongAnswerException("messages received", (ulong)trips.All, (ulong)received);
        }

        trips.Report();
    }

    public static void Answer(string path, RingWaiting how, int count)
    {
        using TReader reader = TReader.Join(path, how);
        OtherProcess.SayReady();
        using TWriter writer = TWriter.Listen(path + "-back", Plan.RingBytes, consumers: 1);
        writer.AwaitJoined(1);
        Processor.PinTo(1);
        Check check = default;
        int all = RoundTrips.WarmUpOf(count) + count;
        for (int i = 0; i < all; i++)
        {
            Receive(reader, ref check);
            Send(writer, (ulong)i);
        }

        Json.Write(("received", check.Next));
    }

    private static long Trip(TWriter writer, TReader reader, ulong number, ref Check check)
    {
        long begin = Clock.Now;
        Send(writer, number);
        Receive(reader, ref check);
        return Clock.Now - begin;
    }

    private static void Send(TWriter writer, ulong number)
    {
        if (!writer.TryWrite(1, PayloadBytes, number))
        {
            throw new InvalidOperationException("a ring with one message is full");
        }
    }

    private static void Receive(TReader reader, ref Check check)
    {
        while (reader.Read(ref check) == 0)
        {
            reader.Wait(pauses: 1);
        }
    }

    // The other process makes its ring after it has joined ours.
    private static TReader JoinWhenThere(string path, RingWaiting how)
    {
        while (true)
        {
            try
            {
                return TReader.Join(path, how);
            }
            catch (VigilException e) when (e.Failure is Failure.NotFound or Failure.ConnectionRefused)
            {
                // Not there yet, or there and not listening yet: bind(2) makes the path, listen(2) the listener.
                Thread.Sleep(1);
            }
        }
    }
}
