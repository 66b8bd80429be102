
namespace Vigil.Rings.Tests;

/// <summary>Ten million messages to other processes: each reads each message once, whole and in order.</summary>
[Collection(nameof(Alone))]
public sealed class EveryMessageTests
{
    private const ulong Total = 10_000_000;
    private const int Batch = 16;
    private const ulong Stretch = 5_000;

    // Five processes share the processors: nobody is to be taken for hung.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1, RingWakeMode.Push)]
    [InlineData(2, RingWakeMode.Push)]
    [InlineData(4, RingWakeMode.Push)]
    [InlineData(1, RingWakeMode.Pull)]
    [InlineData(2, RingWakeMode.Pull)]
    [InlineData(4, RingWakeMode.Pull)]
    public void Is_read_once_and_in_order_by_each_process(int consumers, RingWakeMode mode)
    {
        using TempTree tree = TempTree.InMemory();
        string path = tree.At("ring");
        using var producer = RingProducer.Create(new RingOptions { StallTimeout = Patience });
        using RingListener door = producer.Listen(path, new RingListenOptions { Mode = mode });
        HostProcess[] readers =
            [.. Enumerable.Range(0, consumers).Select(_ => HostProcess.Start("read", path, $"{mode}", $"{Total}"))];
        try
        {
            Assert.All(readers, reader => reader.Answer("joined"));
            var writer = new NumberedWriter(producer);
            while (writer.Next <= Total)
            {
                writer.WriteUpTo(Math.Min(Total, writer.Next + Stretch));
                writer.WriteBatchesUpTo(Math.Min(Total, writer.Next + Stretch), Batch);
            }

            Assert.All(readers, reader => Assert.Equal($"{Total} {writer.Checksum}", reader.Answer("done", Patience)));
            while (producer.Evictions.TryRead(out RingEviction eviction))
            {
                Assert.Equal((RingEvictionReason.Gone, 0ul), (eviction.Reason, eviction.UnreadBytes));
            }
        }
        finally
        {
            Array.ForEach(readers, reader => reader.Dispose());
        }
    }
}
