namespace Vigil.Rings;

/// <summary>Why a consumer is no longer one.</summary>
public enum RingEvictionReason
{
    /// <summary>It is still one.</summary>
    None = 0,

    /// <summary>It left, or its process ended.</summary>
    Gone = 1,

    /// <summary>It had messages to read and made no progress for the stall time-out.</summary>
    Stalled = 2,

    /// <summary>Its tail is not aligned, went backwards, or is beyond the head.</summary>
    Corrupt = 3,

    /// <summary>It was far behind for too long, though it made progress.</summary>
    TooSlow = 4,

    /// <summary>It did not receive the descriptors that were sent to it, until too many of this user's were under
    /// way.</summary>
    DescriptorsUnread = 5,
}
