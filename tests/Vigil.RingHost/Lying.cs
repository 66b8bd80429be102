using System.Globalization;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>A consumer that writes into its own page whatever it likes.</summary>
internal static unsafe class Lying
{
    internal static void Run(string[] words)
    {
        while (true)
        {
            using UnixSocket connection = UnixSocket.Connect(words[0]);
            RingStatus status = RawRingConsumer.Join(
                connection, null, RawRingConsumer.JoinTimeoutMs, out RawRingConsumer? consumer);
            using (consumer)
            {
                Parts.Say(status == RingStatus.Ok ? $"joined {consumer!.Slot}" : $"wrong: {status}");
                Obey(consumer!);
            }
        }
    }

    // Until it is told to join again.
    private static void Obey(RawRingConsumer consumer)
    {
        RingConsumerPage* page = consumer.Page;
        while (Parts.Listen().Split(' ') is var words && words[0] != "again")
        {
            ulong value = words.Length > 1 ? (ulong)Int128.Parse(words[1], CultureInfo.InvariantCulture) : 0;
            switch (words[0])
            {
                case "tail":
                    Volatile.Write(ref page->Tail, value);
                    break;
                case "beyond":
                    Volatile.Write(ref page->Tail, consumer.AcquireHead() + value);
                    break;
                case "progress":
                    Volatile.Write(ref page->ProgressNs, value);
                    break;
                case "waiting":
                    Volatile.Write(ref page->Waiting, (uint)value);
                    break;
                case "read":
                    _ = consumer.Publish(consumer.AcquireHead());
                    break;
                case "fuzz":
                    Fuzz(page, (int)value);
                    break;
                case "flicker":
                    Flicker(page, (int)value);
                    break;
                default:
                    Parts.Say($"evicted {consumer.Evicted}");
                    continue;
            }

            Parts.Say("set");
        }
    }

    private static void Fuzz(RingConsumerPage* page, int seed)
    {
        var random = new Random(seed);
        Span<byte> bytes = new(page, RingConsumerPage.SizeBytes);
        for (int i = 0; i < 200; i++)
        {
            random.NextBytes(bytes[..random.Next(RingConsumerPage.SizeBytes)]);
        }
    }

    // What it says of its sleep changes all the time, for so many times.
    private static void Flicker(RingConsumerPage* page, int count)
    {
        var random = new Random(count);
        for (int i = 0; i < count; i++)
        {
            Volatile.Write(ref page->Waiting, (uint)random.Next(4));
        }
    }
}
