using System.Diagnostics;
using System.Globalization;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>Answers each message of one ring in another.</summary>
internal static class Answering
{
    // HEARD SAID COUNT ORDER SEED
    internal static void Run(string[] words)
    {
        using RingProducer producer = RingProducer.Create();
        using RingListener door = producer.Listen(words[1]);
        using RawRingConsumer consumer = JoinRaw(words[0]);
        Parts.Say("joined");
        var bouncer = new Bouncer(
            producer, consumer, words[3] == "token", int.Parse(words[4], CultureInfo.InvariantCulture));
        ulong count = Parts.Number(words[2]);
        for (ulong i = 1; i <= count; i++)
        {
            bouncer.Await(i);
            bouncer.Send(i);
        }

        Parts.Say($"done {bouncer.Waits} {bouncer.Wakes}");
    }

    // HEARD SAID COUNT
    internal static async Task RunAsync(string[] words)
    {
        using RingProducer producer = RingProducer.Create();
        using RingListener door = producer.Listen(words[1]);
        using RingConsumer consumer = await RingConsumer.JoinAsync(words[0]);
        Parts.Say("joined");
        long count = (long)Parts.Number(words[2]);
        for (long i = 0; i < count; i++)
        {
            if (!await consumer.WaitAsync())
            {
                Parts.Say("wrong: the producer seems to be gone");
                return;
            }

            foreach (RingMessage message in consumer.ReadBatch())
            {
                _ = producer.TryWrite(message.Payload);
            }
        }

        Parts.Say("done");
    }

    internal static RawRingConsumer JoinRaw(string path)
    {
        using UnixSocket connection = UnixSocket.Connect(path);
        RingStatus status = RawRingConsumer.Join(
            connection, null, RawRingConsumer.JoinTimeoutMs, out RawRingConsumer? consumer);
        return consumer ?? throw new UnreachableException($"join: {status}");
    }
}
