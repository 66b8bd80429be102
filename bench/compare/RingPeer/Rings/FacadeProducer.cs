using Vigil.Rings;

namespace Vigil.Compare.RingPeer.Rings;

/// <summary>What the ways to write from .NET have in common: the ring, its door, its consumers.</summary>
internal sealed class FacadeProducer : IDisposable
{
    private readonly RingListener _door;

    private FacadeProducer(string path, int capacityBytes, int consumers)
    {
        Ring = RingProducer.Create(new RingOptions
        {
            CapacityBytes = capacityBytes,
            MaxConsumers = consumers,
            StallTimeout = TimeSpan.FromSeconds(30),
        });
        _door = Ring.Listen(path);
    }

    public RingProducer Ring { get; }

    public bool IsEmpty => Array.TrueForAll(Ring.GetConsumers(), consumer => consumer.UnreadBytes == 0);

    public static FacadeProducer Open(string path, int capacityBytes, int consumers) =>
        new(path, capacityBytes, consumers);

    public void AwaitJoined(int consumers)
    {
        while (Ring.GetConsumers().Length < consumers)
        {
            if (_door.Refused > 0)
            {
                throw new InvalidOperationException(_door.LastRefusal);
            }

            Thread.Sleep(1);
        }
    }

    public void Dispose()
    {
        _door.Dispose();
        Ring.Dispose();
    }
}
