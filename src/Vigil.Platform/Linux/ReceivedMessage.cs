namespace Vigil.Platform.Linux;

/// <summary>A message that came with descriptors; disposing it closes those that nobody took.</summary>
public readonly struct ReceivedMessage : IDisposable
{
    private readonly ReceivedDescriptor[]? _descriptors;

    internal ReceivedMessage(int lengthBytes, ReceivedDescriptor[] descriptors, bool isComplete)
    {
        LengthBytes = lengthBytes;
        _descriptors = descriptors;
        IsComplete = isComplete;
    }

    /// <summary>How many bytes came; 0 at the end of the stream.</summary>
    public int LengthBytes { get; }

    /// <summary>Whether all of its bytes and descriptors were received.</summary>
    public bool IsComplete { get; }

    /// <summary>The descriptors, in the order of the sender.</summary>
    public ReadOnlySpan<ReceivedDescriptor> Descriptors => _descriptors;

    /// <summary>Closes the descriptors that nobody took.</summary>
    public void Dispose()
    {
        foreach (ReceivedDescriptor descriptor in Descriptors)
        {
            descriptor.Dispose();
        }
    }
}
