using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>
/// Producers that write what they like where consumers read: those say so, or hand out what lies in the ring. Nothing
/// faults, which would end this process.
/// </summary>
[Collection(nameof(Alone))]
public sealed unsafe class HostileProducerTests
{
    // No power of two, so that remainders matter.
    private const int RingBytes = 3 * 4096;
    private const ulong Capacity = RingBytes;
    private const int Rounds = 100_000;

    // Where the consumer starts, one header and 48 bytes before the physical end.
    private const ulong Start = (5 * Capacity) - 64;

    private ulong _sum;

    [Theory]
    [InlineData(1000, 0, 0, 32, RingStatus.Protocol)] // beyond the head
    [InlineData(17, 0, 0, 32, RingStatus.Protocol)] // by a byte
    [InlineData(49, 0, 0, 256, RingStatus.Protocol)] // beyond the physical end, by a byte
    [InlineData(int.MaxValue, 0, 0, 64, RingStatus.Protocol)]
    [InlineData(uint.MaxValue, 0, 0, 64, RingStatus.Protocol)]
    [InlineData(uint.MaxValue - 15, 0, 0, 64, RingStatus.Protocol)] // with its header 2^32 and nothing
    [InlineData(uint.MaxValue, 0, 128, 64, RingStatus.Protocol)] // padding without end
    [InlineData(8, 254, 0, 64, RingStatus.Protocol)]
    [InlineData(8, 255, 0, 64, RingStatus.Protocol)]
    [InlineData(8, 253, 0, 64, RingStatus.Ok)]
    [InlineData(8, 0, 127, 64, RingStatus.Ok)] // flags that mean nothing
    [InlineData(48, 0, 0, 64, RingStatus.Ok)] // up to the physical end
    [InlineData(8, 0, 0, 24, RingStatus.Protocol)] // a head that is not aligned
    [InlineData(8, 0, 0, 40, RingStatus.Ok)] // the same, behind the message
    [InlineData(8, 0, 0, 23, RingStatus.Protocol)]
    [InlineData(0, 0, 0, 8, RingStatus.Protocol)] // not even a header
    [InlineData(48, 0, 128, 64, RingStatus.Again)] // only padding
    [InlineData(40, 0, 128, 60, RingStatus.Protocol)] // padding up to behind a head that is not aligned
    [InlineData(8, 0, 0, 0, RingStatus.Again)]
    [InlineData(8, 0, 0, -16, RingStatus.Overflow)] // a head that goes back
    [InlineData(8, 0, 0, RingBytes, RingStatus.Ok)]
    [InlineData(8, 0, 0, RingBytes + 16, RingStatus.Overflow)] // a head more than a ring on
    [InlineData(8, 0, 0, long.MinValue, RingStatus.Overflow)]
    [InlineData(8, 0, 0, long.MaxValue, RingStatus.Overflow)]
    public void A_header_is_believed_only_if_it_can_be(
        uint payloadBytes, byte descriptors, byte flags, long headBytes, RingStatus expected)
    {
        using var fake = new FakeProducer(RingBytes);
        using RingConsumer consumer = Join(fake, Start);
        (nuint Start, nuint End) mapped = fake.MappedRing();
        *(RingMessageHeader*)(fake.Ring + (Start % Capacity)) = new RingMessageHeader
        {
            PayloadBytes = payloadBytes,
            DescriptorCount = descriptors,
            Flags = flags,
        };
        fake.Control->Head = Start + (ulong)headBytes;
        RingStatus status = consumer.Raw.Peek(out RingMessageView view);
        Assert.Equal(expected, status);
        if (status == RingStatus.Ok)
        {
            Check(view, mapped);
            Assert.Equal(payloadBytes, view.PayloadBytes);
        }

        // The loop says the same: a status becomes an exception.
        Exception? thrown = Record.Exception(() => ReadBatch(consumer, mapped, limit: 1));
        Assert.Equal(expected is RingStatus.Protocol, thrown is RingException);
        Assert.Equal(expected is RingStatus.Overflow, thrown is RingEvictedException);
    }

    [Fact]
    public void Random_bytes_are_refused_or_lie_in_the_ring() => Seed.Run(random =>
    {
        using var fake = new FakeProducer(RingBytes);
        using RingConsumer consumer = Join(fake, (ulong)random.NextInt64() & ~15ul);
        (nuint Start, nuint End) mapped = fake.MappedRing();
        var seen = new Dictionary<string, int>();
        for (int round = 0; round < Rounds; round++)
        {
            Scribble(random, fake, consumer.Raw.LocalTail);
            string told = Use(random, consumer, mapped);
            seen[told] = seen.GetValueOrDefault(told) + 1;
            Forgive(fake, consumer);
        }

        // All answers came about, or this tests less than it says.
        Assert.All(
            ["Ok", "Again", "Protocol", "Overflow", "read", "RingException", "RingEvictedException", "received"],
            told => Assert.True(seen.GetValueOrDefault(told) > 50, $"{told}: {seen.GetValueOrDefault(told)} times"));
        Assert.NotEqual(0ul, _sum);
        TestContext.Current.SendDiagnosticMessage(string.Join(", ", seen));
    });

    [Fact]
    public void Bytes_that_change_while_they_are_read_are_refused_or_lie_in_the_ring() => Seed.Run(random =>
    {
        using var fake = new FakeProducer(RingBytes);
        using RingConsumer consumer = Join(fake, Start);
        (nuint Start, nuint End) mapped = fake.MappedRing();
        bool isOver = false;
        var other = new Random(random.Next());
        ulong near = Start;
        var scribbler = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                Scribble(other, fake, Volatile.Read(ref near));
            }
        });
        scribbler.Start();
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                _ = Use(random, consumer, mapped);
                Forgive(fake, consumer);
                Volatile.Write(ref near, consumer.Raw.LocalTail);
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            scribbler.Join();
        }
    });

    private static RingConsumer Join(FakeProducer fake, ulong start)
    {
        fake.Message = fake.Message with { InitialHead = start };
        fake.Control->Head = start;
        using UnixSocket near = UnixSocket.CreatePair(out UnixSocket far);
        using (far)
        {
            Assert.Equal(Platform.Failure.None, near.TrySend(FakeProducer.Bytes(fake.Message), fake.Descriptors));
            return RingConsumer.Join(far);
        }
    }

    // What an evicted consumer does, or one whose tail is out of order, is always the same.
    private static void Forgive(FakeProducer fake, RingConsumer consumer)
    {
        Volatile.Write(ref fake.Page->Evicted, 0);
        Volatile.Write(ref fake.Page->Tail, consumer.Raw.LocalTail);
    }

    private static void Scribble(Random random, FakeProducer fake, ulong tail)
    {
        // The bytes near the tail: noise, or headers that could almost be.
        ulong at = tail % Capacity;
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            var header = (RingMessageHeader*)(fake.Ring + at);
            if (random.Next(5) == 0)
            {
                random.NextBytes(new Span<byte>(header, RingMessageHeader.SizeBytes));
            }
            else
            {
                *header = new RingMessageHeader
                {
                    PayloadBytes = (uint)(random.Next(20) == 0 ? random.Next(RingBytes) : random.Next(100)),
                    DescriptorCount = (byte)(random.Next(10) == 0 ? random.Next(256) : 0),
                    Flags = (byte)(random.Next(4) == 0 ? random.Next(256) : 0),
                    SequenceId = (ulong)random.Next(3),
                };
            }

            at = (at + RawRingProducer.AlignUp(16 + header->PayloadBytes)) % Capacity & ~15ul;
        }

        ulong head = random.Next(12) switch
        {
            0 => (ulong)random.NextInt64(),
            1 => tail - (ulong)random.Next(100),
            2 => tail + (ulong)random.Next(2 * RingBytes),
            3 => tail + Capacity,
            4 => tail,
            _ => tail + (16 * (ulong)random.Next(20)),
        };
        Volatile.Write(ref fake.Control->Head, head);
        if (random.Next(20) == 0)
        {
            // All of the control page but the head, and all of the consumer's page.
            random.NextBytes(new Span<byte>((byte*)fake.Control + 8, 4088));
            random.NextBytes(new Span<byte>(fake.Page, random.Next(2) == 0 ? 4096 : 24));
        }

        if (random.Next(20) == 0)
        {
            Span<byte> record = stackalloc byte[random.Next(1, 12)];
            record.Clear();
            record[0] = (byte)random.Next(4);
            _ = fake.Side.TrySend(record, fake.Descriptors.AsSpan(0, random.Next(5)));
        }
    }

    // One of the things that a consumer does; says how it ended.
    private string Use(Random random, RingConsumer consumer, (nuint Start, nuint End) mapped)
    {
        RawRingConsumer raw = consumer.Raw;
        if (random.Next(4) > 0)
        {
            _ = raw.AcquireHead();
        }

        switch (random.Next(8))
        {
            case 0:
                return Receive(random, raw);
            case 1:
                _ = raw.WaitBroadcast(raw.BroadcastToken + (uint)random.Next(2), timeoutMs: 0);
                _ = raw.Publish(raw.LocalTail + (ulong)random.Next(64));
                return $"{consumer.UnreadBytes is var _}";
            case 2 or 3:
                try
                {
                    return ReadBatch(consumer, mapped, random.Next(1, 10)) > 0 ? "read" : "nothing";
                }
                catch (IOException e)
                {
                    return e.GetType().Name;
                }

            case 4:
                Span<RingMessageView> views = stackalloc RingMessageView[8];
                RingStatus all = raw.PeekBatch(views, out int count);
                for (int i = 0; i < count; i++)
                {
                    Check(views[i], mapped);
                }

                return $"{all}";
            default:
                RingStatus status = raw.Peek(out RingMessageView view);
                if (status == RingStatus.Ok)
                {
                    Check(view, mapped);
                    _ = raw.Publish(view.Offset + view.TotalBytes);
                }

                return $"{status}";
        }
    }

    private static string Receive(Random random, RawRingConsumer raw)
    {
        Span<int> descriptors = stackalloc int[UnixSocket.MaxDescriptors];
        RingStatus status = raw.ReceiveDescriptors((ulong)random.Next(4), descriptors, out int count);
        Assert.Equal(status == RingStatus.Ok, count > 0);
        foreach (int descriptor in descriptors[..count])
        {
            new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        }

        return status == RingStatus.Ok ? "received" : "not received";
    }

    private int ReadBatch(RingConsumer consumer, (nuint Start, nuint End) mapped, int limit)
    {
        int count = 0;
        foreach (RingMessage message in consumer.ReadBatch())
        {
            fixed (byte* payload = message.Payload)
            {
                CheckBytes(payload, (ulong)message.Payload.Length, mapped);
            }

            if (++count == limit)
            {
                break;
            }
        }

        return count;
    }

    private void Check(in RingMessageView view, (nuint Start, nuint End) mapped)
    {
        Assert.Equal((nuint)view.Header + 16, (nuint)view.Payload);
        Assert.Equal(view.PayloadBytes + 16, view.TotalBytes);
        Assert.Equal(0u, (nuint)view.Header & 15);
        CheckBytes(view.Payload, view.PayloadBytes, mapped);
    }

    private void CheckBytes(byte* payload, ulong bytes, (nuint Start, nuint End) mapped)
    {
        // A span of nothing has no address.
        if (payload == null && bytes == 0)
        {
            return;
        }

        Assert.InRange((nuint)payload, mapped.Start + 16, mapped.End);
        Assert.InRange(bytes, 0ul, (ulong)(mapped.End - (nuint)payload));
        for (ulong i = 0; i < bytes; i++)
        {
            _sum += payload[i];
        }
    }
}
