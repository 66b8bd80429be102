using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>Consumers and producers that are killed in the middle of what they do.</summary>
internal static class Dying
{
    internal static void Consume(string[] words)
    {
        string[] go = Parts.Listen().Split(' ');
        ulong last = Parts.Number(go[2]);
        using UnixSocket connection = UnixSocket.Connect(go[1]);
        RingStatus joined = RawRingConsumer.Join(
            connection, RingWakeMode.Push, RawRingConsumer.JoinTimeoutMs, out RawRingConsumer? consumer);
        Parts.Say(joined == RingStatus.Ok ? $"joined {consumer!.Slot}" : $"wrong: {joined}");
        using (consumer)
        {
            while (consumer is not null)
            {
                uint token = consumer.BroadcastToken;
                if (consumer.Peek(out RingMessageView view) == RingStatus.Ok)
                {
                    PublishOrFreeze(consumer, view, last);
                }
                else
                {
                    _ = consumer.WaitBroadcast(token, timeoutMs: 100);
                }
            }
        }
    }

    internal static void Produce(string[] words)
    {
        string path = Parts.Listen().Split(' ')[1];
        using RingProducer producer = RingProducer.Create(new RingOptions { CapacityBytes = 1 << 16 });
        using RingListener door = producer.Listen(path);
        Parts.Say("listening");
        var writer = new NumberedWriter(producer);
        while (Parts.Listen().Split(' ') is [string verb, string count])
        {
            int n = (int)Parts.Number(count);
            switch (verb)
            {
                case "write":
                    writer.WriteBatchesUpTo(writer.Next + (ulong)n - 1, count: 7);
                    Parts.Say($"wrote {writer.Next - 1}");
                    break;
                case "reserve":
                    Parts.Say($"reserved {writer.Reserve(n, out _)}");
                    Parts.Freeze();
                    break;
                default:
                    Storm(writer, n);
                    break;
            }
        }
    }

    private static unsafe void PublishOrFreeze(RawRingConsumer consumer, in RingMessageView view, ulong last)
    {
        if (Numbered.NumberOf(new ReadOnlySpan<byte>(view.Payload, (int)view.PayloadBytes)) == last)
        {
            Parts.Say("peeked");
            Parts.Freeze();
        }

        _ = consumer.Publish(view.Offset + view.TotalBytes);
    }

    // A batch is whole or not there at all, so what is there of it at the end is a multiple.
    private static void Storm(NumberedWriter writer, int batch)
    {
        while (true)
        {
            if (!writer.TryWriteWhole(batch))
            {
                _ = Thread.Yield();
            }
        }
    }
}
