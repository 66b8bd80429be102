using Microsoft.Win32.SafeHandles;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>
/// Rings that are disposed while others are in the middle of them, many times over. A mapping that goes too early would
/// end this process; one that does not go is counted.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DisposeTests : IDisposable
{
    private const int Rounds = 300;

    private delegate (Action Work, Action Dispose) Make(Random random, Pair pair, RingConsumer consumer);

    private readonly SafeFileHandle _file = File.OpenHandle("/dev/null");

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_producer_is_disposed_while_its_thread_writes() => Repeat((random, pair, consumer) =>
    {
        int kind = random.Next(4);
        return (
            () =>
            {
                while (true)
                {
                    Write(pair.Producer, kind);
                    _ = Pair.Read(consumer);
                }
            },
            pair.Producer.Dispose);
    });

    [Fact]
    public void A_consumer_is_disposed_while_its_thread_reads() => Repeat((random, pair, consumer) =>
    {
        for (int i = 0; i < 20; i++)
        {
            Write(pair.Producer, i % 4);
        }

        return (
            () =>
            {
                while (true)
                {
                    foreach (RingMessage message in consumer.ReadBatch())
                    {
                        // To the end of its loop a batch stays what it was.
                        Assert.Equal((byte)message.Payload.Length, message.Payload[^1]);
                    }

                    _ = consumer.UnreadBytes + (consumer.IsProducerAlive ? 1 : 0);
                }
            },
            consumer.Dispose);
    });

    [Fact]
    public void A_consumer_is_disposed_while_its_thread_waits() => Repeat((random, _, consumer) => (
        () =>
        {
            while (consumer.Wait())
            {
                // Nothing is ever there.
            }
        },
        consumer.Dispose));

    [Fact]
    public void A_consumer_is_disposed_while_nobody_but_the_waiter_has_it() => Repeat((random, _, consumer) => (
        () =>
        {
            while (consumer.WaitAsync().AsTask().GetAwaiter().GetResult())
            {
                // Nothing is ever there.
            }
        },
        consumer.Dispose));

    [Fact]
    public void A_producer_is_disposed_while_others_ask_it() => Repeat((random, pair, unused) => (
        () =>
        {
            while (true)
            {
                _ = pair.Producer.GetConsumers();
                _ = pair.Producer.Statistics;
                pair.Producer.Scan();
                using UnixSocket near = UnixSocket.CreatePair(out UnixSocket far);
                using (far)
                {
                    _ = pair.Producer.Admit(near);
                }
            }
        },
        pair.Producer.Dispose));

    [Fact]
    public async Task A_wait_that_is_cancelled_again_and_again_can_go_on()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        int before = Descriptors.Count();
        for (int i = 0; i < 2_000; i++)
        {
            using var cancellation = new CancellationTokenSource();
            ValueTask<bool> wait = consumer.WaitAsync(cancellation.Token);
            Task cancel = Task.Run(cancellation.Cancel);
            bool isWritten = i % 2 == 0 && pair.Producer.TryWrite("x"u8);
            try
            {
                Assert.True(await wait);
                Assert.True(isWritten);
            }
            catch (OperationCanceledException e)
            {
                Assert.Equal(cancellation.Token, e.CancellationToken);
            }

            await cancel;
            Assert.Equal(isWritten ? 1 : 0, Pair.Read(consumer).Length);
        }

        Assert.Equal(before, Descriptors.Count());
    }

    [Fact]
    public async Task A_door_is_closed_while_others_come_in()
    {
        using TempTree tree = TempTree.InMemory();
        string path = tree.At("ring");
        int before = Descriptors.Count(), mappings = Mappings();
        for (int i = 0; i < 100; i++)
        {
            using var producer = RingProducer.Create(new RingOptions { CapacityBytes = 4096 });
            RingListener door = producer.Listen(path);
            Task<RingConsumer>[] joining = [.. Enumerable.Range(0, 3).Select(_ => RingConsumer.JoinAsync(path))];
            await Task.Run(door.Dispose);
            foreach (Task<RingConsumer> one in joining)
            {
                try
                {
                    using RingConsumer consumer = await one;
                    Assert.Equal(4096, consumer.CapacityBytes);
                }
                catch (Exception e) when (e is RingException or VigilException)
                {
                    Assert.DoesNotContain('\n', e.Message);
                }
            }

            Assert.False(File.Exists(path));
        }

        Descriptors.Expect(before);
        Assert.Equal(mappings, Mappings());
    }

    // One thread works until the other has disposed; what it says then is that. The collector runs all the while, and
    // finds nothing to close: everything was closed before.
    private static void Repeat(Make make) => Seed.Run(random =>
    {
        int before = Descriptors.Count(), mappings = Mappings();
        for (int round = 0; round < Rounds; round++)
        {
            using (var pair = new Pair(capacityBytes: 4096))
            {
                RingConsumer consumer = pair.Join();
                (Action work, Action dispose) = make(random, pair, consumer);
                Exception? thrown = null;
                bool isBegun = false;
                var worker = new Thread(() =>
                {
                    Volatile.Write(ref isBegun, true);
                    thrown = Record.Exception(work);
                });
                worker.Start();
                while (!Volatile.Read(ref isBegun))
                {
                    _ = Thread.Yield();
                }

                Thread.SpinWait(random.Next(2_000));
                if (round % 10 == 0)
                {
                    GC.Collect();
                }

                dispose();
                worker.Join();
                Assert.IsType<ObjectDisposedException>(thrown);
            }

            Assert.Equal(mappings, Mappings());
        }

        Descriptors.Expect(before);
    });

    private void Write(RingProducer producer, int kind)
    {
        Span<byte> payload = stackalloc byte[40];
        payload[^1] = (byte)payload.Length;
        switch (kind)
        {
            case 0:
                _ = producer.TryWrite(payload);
                break;
            case 1:
                if (producer.TryReserve(payload.Length, out Span<byte> room))
                {
                    payload.CopyTo(room);
                    _ = producer.TryReserve(1, out Span<byte> more);
                    if (!more.IsEmpty)
                    {
                        more[0] = 1;
                    }

                    producer.Commit();
                }

                break;
            case 2:
                _ = producer.TryWrite(payload, [_file]);
                break;
            default:
                _ = producer.Write(payload, TimeSpan.FromMilliseconds(1));
                break;
        }
    }

    private static int Mappings() =>
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("/memfd:vigil", StringComparison.Ordinal));
}
