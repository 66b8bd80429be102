using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq_producer_create.</summary>
public sealed unsafe class CreateTests : ZbqTest
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(16, 1)]
    [InlineData(4095, 1)]
    [InlineData(4097, 1)]
    [InlineData(8192 + 16, 1)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(4096, 0)]
    [InlineData(4096, (1 << 20) + 1)]
    [InlineData(4096, uint.MaxValue)]
    public void Parameters_that_cannot_be_are_invalid(ulong capacity, uint maxConsumers) =>
        Assert.Equal((Exports.Invalid, 0), Create(capacity, maxConsumers));

    [Theory]
    [InlineData(1UL << 40)]
    [InlineData(1UL << 47)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue - 4095)]
    public void A_ring_larger_than_memory_is_refused_at_once(ulong capacity) =>
        Assert.Equal((Exports.NoMemory, 0), Create(capacity, 1));

    [Fact]
    public void Null_is_invalid()
    {
        RingParameters parameters = new() { CapacityBytes = 4096, MaxConsumers = 1 };
        nint producer = 77;
        Assert.Equal(Exports.Invalid, Exports.CreateProducer(null, &parameters));
        Assert.Equal(Exports.Invalid, Exports.CreateProducer(&producer, null));
        Assert.Equal(0, producer);
        Assert.Equal(Exports.Invalid, Exports.CreateProducer(null, null));
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(4096 * 3)]
    [InlineData(1 << 20)]
    public void The_control_page_has_what_was_asked_for(ulong capacity)
    {
        nint producer = NewProducer(capacity, clogThreshold: 7, stallTimeoutNs: 12_345_678_901);
        RingControl* control = Exports.Control(NewConsumer(producer));
        Assert.Equal(0UL, control->Head);
        Assert.Equal(Environment.ProcessId, control->ProducerProcessId);
        Assert.Equal(capacity, control->CapacityBytes);
        Assert.Equal(7UL, control->ClogThreshold);
        Assert.Equal(12_345_678_901UL, control->StallTimeoutNs);
    }

    [Fact]
    public void A_process_can_have_many_rings()
    {
        nint[] producers = [.. Enumerable.Range(0, 100).Select(_ => NewProducer(4096))];
        Assert.Equal(producers.Length, producers.Distinct().Count());
        foreach (nint producer in producers)
        {
            Assert.Equal(1UL, Exports.NextSequenceId(producer));
        }
    }

    private static (int Status, nint Producer) Create(ulong capacity, uint maxConsumers)
    {
        RingParameters parameters = new() { CapacityBytes = capacity, MaxConsumers = maxConsumers };
        nint producer = 77;
        int status = Exports.CreateProducer(&producer, &parameters);
        return (status, producer);
    }
}
