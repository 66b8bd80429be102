namespace Vigil.Watching;

/// <summary>State of a node of the mirror.</summary>
[Flags]
internal enum NodeFlags : byte
{
    None = 0,

    /// <summary>The slot is in use.</summary>
    Live = 1,

    /// <summary>Met by the listing that is going on.</summary>
    Seen = 2,

    /// <summary>In this batch: its modification was told, and no close since.</summary>
    BatchModified = 4,

    /// <summary>In this batch: a change of its attributes was told.</summary>
    BatchMetadata = 8,

    /// <summary>In this batch: it was looked at on the disk after the batch's events were read.</summary>
    BatchLooked = 16,

    /// <summary>In this batch: it is on the list of nodes to look at.</summary>
    BatchListed = 32,

    /// <summary>
    /// It had changed since the start when it was looked at for the first time: it may have come by a rename whose
    /// event waits.
    /// </summary>
    LookedAtLate = 64,

    AllBatch = BatchModified | BatchMetadata | BatchLooked | BatchListed,
}
