using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// What is made for one consumer that joins: a page that was never another's, for an evicted process keeps its mapping;
/// and the two ends of a socket. Disposing closes what was not taken.
/// </summary>
internal sealed unsafe class RingConsumerMemory : IDisposable
{
    private MemoryMapping? _mapping;
    private UnixSocket? _side;

    private RingConsumerMemory(MemoryFile file, MemoryMapping mapping, UnixSocket side, UnixSocket otherSide)
    {
        File = file;
        _mapping = mapping;
        _side = side;
        OtherSide = otherSide;
        Page = (RingConsumerPage*)mapping.Address;
    }

    internal MemoryFile File { get; }

    internal RingConsumerPage* Page { get; }

    /// <summary>The consumer's end of the side socket.</summary>
    internal UnixSocket OtherSide { get; }

    internal static RingConsumerMemory Create()
    {
        MemoryFile file = MemoryFile.Create("vigil ring consumer", RingConsumerPage.SizeBytes);
        MemoryMapping? mapping = null;
        try
        {
            mapping = MemoryMapping.Create(file, RingConsumerPage.SizeBytes, writable: true, populate: true);
            file.AddSeals(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Seal);
            UnixSocket side = UnixSocket.CreatePair(out UnixSocket otherSide);
            return new RingConsumerMemory(file, mapping, side, otherSide);
        }
        catch
        {
            mapping?.Dispose();
            file.Dispose();
            throw;
        }
    }

    internal MemoryMapping TakeMapping() => Interlocked.Exchange(ref _mapping, null)!;

    /// <summary>The producer's end of the side socket, for the caller to own.</summary>
    internal UnixSocket TakeSide() => Interlocked.Exchange(ref _side, null)!;

    public void Dispose()
    {
        File.Dispose();
        OtherSide.Dispose();
        _mapping?.Dispose();
        _side?.Dispose();
    }
}
