using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>A consumer that is stopped anywhere and goes on when it is none any more.</summary>
internal static class Stopping
{
    // So often that the producer waits for it, and it is stopped while it reads.
    private const int Looks = 50;

    internal static void Run(string[] words)
    {
        int longest = (int)Parts.Number(words[1]);
        while (Parts.Listen() == "go")
        {
            if (words[2] == "raw")
            {
                ReadRaw(words[0], longest);
            }
            else
            {
                ReadSafe(words[0], longest);
            }
        }
    }

    private static void ReadSafe(string path, int longest)
    {
        using RingConsumer consumer = RingConsumer.JoinAsync(path).GetAwaiter().GetResult();
        Parts.Say("joined");
        var reader = new NumberedReader(consumer, longest) { Next = 0, Looks = Looks };
        try
        {
            while (consumer.Wait())
            {
                _ = reader.ReadBatch();
            }

            Parts.Say("wrong: the producer seems to be gone");
        }
        catch (RingEvictedException e)
        {
            Parts.Say($"evicted {e.Reason} {reader.Count} {reader.Disclaimed}");
        }
    }

    private static unsafe void ReadRaw(string path, int longest)
    {
        using UnixSocket connection = UnixSocket.Connect(path);
        _ = RawRingConsumer.Join(
            connection, null, RawRingConsumer.JoinTimeoutMs, out RawRingConsumer? consumer);
        using (consumer)
        {
            Parts.Say("joined");
            ulong next = 0, count = 0;
            bool isGood = true;
            while (true)
            {
                uint token = consumer!.BroadcastToken;
                RingStatus status = consumer.Peek(out RingMessageView view);
                if (status == RingStatus.Overflow)
                {
                    Parts.Say($"evicted {consumer.Evicted} {count} {(isGood ? 0 : 1)}");
                    return;
                }

                if (!isGood || status is not (RingStatus.Ok or RingStatus.Again))
                {
                    Parts.Say($"wrong: message {next - 1} is not whole, or {status}");
                    return;
                }

                if (status == RingStatus.Again)
                {
                    _ = consumer.WaitBroadcast(token, timeoutMs: 100);
                    continue;
                }

                var payload = new ReadOnlySpan<byte>(view.Payload, (int)view.PayloadBytes);
                next = next == 0 ? Numbered.NumberOf(payload) : next;
                isGood = true;
                for (int look = 0; look < Looks; look++)
                {
                    isGood &= Numbered.IsWhole(payload, next, longest, out _);
                }

                next++;
                count++;
                _ = consumer.Publish(view.Offset + view.TotalBytes);
            }
        }
    }
}
