namespace Vigil.Rings.Tests;

/// <summary>Reads numbered messages to the end.</summary>
internal static class Reading
{
    internal static void Run(string[] words)
    {
        var options = new RingConsumerOptions { Mode = Enum.Parse<RingWakeMode>(words[1]) };
        ulong last = Parts.Number(words[2]);
        using RingConsumer consumer = RingConsumer.JoinAsync(words[0], options).GetAwaiter().GetResult();
        Parts.Say($"joined {consumer.Slot}");
        var reader = new NumberedReader(consumer);
        if (consumer.Mode == RingWakeMode.Push)
        {
            Push(consumer, reader, last);
        }
        else
        {
            Pull(consumer, reader, last);
        }

        Parts.Say($"done {reader.Count} {reader.Checksum}");
    }

    private static void Push(RingConsumer consumer, NumberedReader reader, ulong last)
    {
        while (reader.Count < last || last == 0)
        {
            if (!consumer.Wait())
            {
                return;
            }

            _ = reader.ReadBatch();
        }
    }

    private static void Pull(RingConsumer consumer, NumberedReader reader, ulong last)
    {
        var spin = default(SpinWait);
        while (reader.Count < last || last == 0)
        {
            // What is gone writes no more: it is asked first.
            bool isGone = spin.Count > 100 && !consumer.IsProducerConnected;
            if (reader.ReadBatch() > 0)
            {
                spin.Reset();
            }
            else if (isGone)
            {
                return;
            }
            else
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
    }
}
