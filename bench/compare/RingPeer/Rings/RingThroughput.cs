using System.Runtime.CompilerServices;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>One writer, some readers, each a process.</summary>
internal static class RingThroughput<TWriter, TReader>
    where TWriter : struct, IRingWriter<TWriter>
    where TReader : struct, IRingReader<TReader>
{
    private const int Pauses = 32;
    private const ulong LookEvery = 512;

    public static void Produce(string kind, string[] numbers)
    {
        Plan plan = Plan.Parse(numbers);
        using MeetingPlace place = new();
        TWriter writer = TWriter.Listen(place.Path, Plan.RingBytes, plan.Consumers);
        OtherProcess[] readers = [.. Enumerable.Range(0, plan.Consumers).Select(_ =>
            new OtherProcess(["consume", kind, place.Path, .. numbers]))];
        try
        {
            writer.AwaitJoined(plan.Consumers);
            Array.ForEach(readers, reader => reader.AwaitReady());
            Processor.PinTo(0);
            Phases phases = new(plan);
            ulong sent = 0;
            long full = 0;
            while (phases.GoOn(sent))
            {
                sent = WriteRuns(writer, plan, phases.LookEvery, sent, ref full);
            }

            WriteOne(writer, 1, Message.StopPayloadBytes, sent, ref full);
            Dictionary<string, double>[] results = [.. readers.Select(reader => reader.Result())];
            foreach (Dictionary<string, double> result in results)
            {
                if ((ulong)result["received"] != sent)
                {
                    throw new WrongAnswerException("messages received", sent, (ulong)result["received"]);
                }
            }

            double messages = sent - phases.First;
            double end = results.Max(result => result["endNs"]);
            Json.Write(
                ("messages", messages), ("checked", sent), ("seconds", (end - phases.BeginNs) / 1e9),
                ("wakes", writer.Wakes), ("full", full), ("batches", results.Sum(result => result["batches"])),
                ("allocated", phases.Allocated / messages),
                ("allocatedByReader", results.Max(result => result["allocated"])));
        }
        finally
        {
            Array.ForEach(readers, reader => reader.Dispose());
            writer.Dispose();
        }
    }

    public static void Consume(string path, Plan plan)
    {
        using TReader reader = TReader.Join(path, RingWaiting.Adaptive);
        Processor.PinTo(1);
        OtherProcess.SayReady();
        Check check = default;
        long allocated = 0;
        ulong countFrom = 0;
        ulong lookAt = LookEvery;
        long warmUntil = Clock.Now + Clock.Nanoseconds(plan.Warm);
        int length;
        long batches = 0;
        while ((length = Read(reader, ref check)) != Message.StopPayloadBytes)
        {
            if (length == 0)
            {
                reader.Wait(Pauses);
                continue;
            }

            batches++;

            // While it warms up, code is loaded and compiled, which allocates.
            if (countFrom == 0 && check.Next > lookAt)
            {
                lookAt = check.Next + LookEvery;
                if (Clock.Now > warmUntil)
                {
                    countFrom = check.Next;
                    allocated = GC.GetAllocatedBytesForCurrentThread();
                }
            }
        }

        double endNs = Clock.Now;
        double perMessage = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)(check.Next - countFrom);
        check.End(plan.PayloadBytes);
        Json.Write(("received", check.Next - 1), ("endNs", endNs), ("batches", batches), ("allocated", perMessage));
    }

    // Methods that are called often are compiled anew while it runs, with all that the compiler has.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Read(TReader reader, ref Check check) => reader.Read(ref check);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong WriteRuns(TWriter writer, Plan plan, int runs, ulong sent, ref long full)
    {
        int batch = plan.Batch;
        int payloadBytes = plan.PayloadBytes;
        for (int run = 0; run < runs; run++)
        {
            if (!writer.TryWrite(batch, payloadBytes, sent))
            {
                WriteOne(writer, batch, payloadBytes, sent, ref full);
            }

            sent += (ulong)batch;
        }

        return sent;
    }

    private static void WriteOne(TWriter writer, int count, int payloadBytes, ulong number, ref long full)
    {
        int looks = 0;
        while (!writer.TryWrite(count, payloadBytes, number))
        {
            full++;
            do
            {
                Processor.PauseAWhile(ref looks);
            }
            while (!writer.HasRoomAgain(count * (Message.HeaderBytes + payloadBytes)));
        }
    }
}
