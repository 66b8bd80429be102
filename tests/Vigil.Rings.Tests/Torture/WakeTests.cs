using System.Diagnostics;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>
/// A million rounds of two processes that wait for each other, so two million waits, most of them asleep: no wake-up is
/// lost.
/// </summary>
[Collection(nameof(Alone))]
public sealed class WakeTests
{
    // Of each order. Each round is a wait here and a wait there.
    private const int Rounds = 500_000;
    private const int AsyncRounds = 50_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("token")]
    [InlineData("look")]
    public void No_wake_is_lost_whether_the_token_or_the_look_comes_first(string order) => Seed.Run(random =>
    {
        using TempTree tree = TempTree.InMemory();
        using var producer = RingProducer.Create(new RingOptions { StallTimeout = TimeSpan.Zero });
        using RingListener door = producer.Listen(tree.At("there"));
        using HostProcess host = HostProcess.Start(
            "answer", tree.At("there"), tree.At("back"), $"{Rounds}", order, $"{random.Next()}");
        _ = host.Answer("joined");
        using RawRingConsumer back = JoinRaw(tree.At("back"));
        var bouncer = new Bouncer(producer, back, order == "token", random.Next());
        for (ulong i = 1; i <= Rounds; i++)
        {
            bouncer.Send(i);
            bouncer.Await(i);
        }

        long[] told = [.. host.Answer("done", Patience).Split(' ').Select(long.Parse)];
        TestContext.Current.SendDiagnosticMessage(
            $"{order}: {bouncer.Waits + told[0]} waits, {bouncer.Wakes + told[1]} wakes");
        Assert.True(bouncer.Wakes + told[1] > Rounds / 2, "there were too few sleeps");
    });

    [Fact]
    public async Task No_wake_is_lost_without_a_thread()
    {
        using TempTree tree = TempTree.InMemory();
        using var producer = RingProducer.Create();
        using RingListener door = producer.Listen(tree.At("there"));
        using HostProcess host = HostProcess.Start(
            "answerasync", tree.At("there"), tree.At("back"), $"{AsyncRounds}");
        _ = host.Answer("joined");
        using RingConsumer back = await RingConsumer.JoinAsync(tree.At("back"));
        int late = 0;
        for (int i = 0; i < AsyncRounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Assert.True(producer.TryWrite(BitConverter.GetBytes(i)));
            Assert.True(await back.WaitAsync());
            int number = -1;
            foreach (RingMessage message in back.ReadBatch())
            {
                number = BitConverter.ToInt32(message.Payload);
            }

            Assert.Equal(i, number);

            // A sleep that nobody ends is over only then.
            late += Stopwatch.GetElapsedTime(start).TotalMilliseconds >= RingConsumer.LongestSleepMs ? 1 : 0;
        }

        _ = host.Answer("done");

        // A busy machine is late now and then; a lost wake-up among so many would not be alone.
        Assert.InRange(late, 0, AsyncRounds / 1000);
    }

    private static RawRingConsumer JoinRaw(string path)
    {
        using UnixSocket connection = UnixSocket.Connect(path);
        Assert.Equal(
            RingStatus.Ok,
            RawRingConsumer.Join(connection, null, RawRingConsumer.JoinTimeoutMs, out RawRingConsumer? consumer));
        return consumer!;
    }
}
