using Vigil.Bus;

namespace Vigil.Native.Inotify;

/// <summary>What a C program asks of a bus: where the server is, what is wanted, how much is kept.</summary>
internal sealed class BusRequest
{
    internal BusClientOptions Client { get; } = new();

    internal SubscribeOptions Subscribe { get; } = new();

    /// <summary>How many changes wait for the caller.</summary>
    internal int Capacity { get; set; }
}
