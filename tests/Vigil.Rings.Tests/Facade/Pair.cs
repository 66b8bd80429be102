using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>A producer with consumers in the same process, joined over socket pairs.</summary>
internal sealed class Pair : IDisposable
{
    private readonly List<RingConsumer> _consumers = [];

    internal Pair(long capacityBytes = 4096, int maxConsumers = 4, TimeSpan? stall = null, TimeSpan? slow = null)
    {
        Producer = RingProducer.Create(new RingOptions
        {
            CapacityBytes = capacityBytes,
            MaxConsumers = maxConsumers,
            StallTimeout = stall ?? TimeSpan.Zero,
            SlowTimeout = slow ?? TimeSpan.Zero,
            ClogThreshold = 1,
        });
    }

    internal RingProducer Producer { get; }

    internal RingConsumer Join(RingWakeMode mode = RingWakeMode.Push)
    {
        using UnixSocket near = UnixSocket.CreatePair(out UnixSocket far);
        using (far)
        {
            Assert.Equal(RingStatus.Ok, Producer.Admit(near, mode));
            RingConsumer consumer = RingConsumer.Join(far, new RingConsumerOptions { SpinBudget = TimeSpan.Zero });
            _consumers.Add(consumer);
            return consumer;
        }
    }

    /// <summary>The payloads of one batch, as text.</summary>
    internal static string[] Read(RingConsumer consumer)
    {
        List<string> texts = [];
        foreach (RingMessage message in consumer.ReadBatch())
        {
            texts.Add(System.Text.Encoding.UTF8.GetString(message.Payload));
        }

        return [.. texts];
    }

    public void Dispose()
    {
        Producer.Dispose();
        _consumers.ForEach(consumer => consumer.Dispose());
    }
}
