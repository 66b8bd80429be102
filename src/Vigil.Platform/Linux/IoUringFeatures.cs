namespace Vigil.Platform.Linux;

/// <summary>What the kernel's io_uring can: the IORING_FEAT_ flags of io_uring_setup(2) that Vigil uses.</summary>
[Flags]
public enum IoUringFeatures : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Both queues are one mapping: IORING_FEAT_SINGLE_MMAP, Linux 5.4.</summary>
    SingleMapping = 1 << 0,

    /// <summary>Completions that find no room are kept, not dropped: IORING_FEAT_NODROP, Linux 5.5.</summary>
    NoDrop = 1 << 1,

    /// <summary>What an entry points to may go when it is submitted: IORING_FEAT_SUBMIT_STABLE, Linux 5.5.</summary>
    SubmitStable = 1 << 2,

    /// <summary>A position of -1 is where the file stands: IORING_FEAT_RW_CUR_POS, Linux 5.6.</summary>
    CurrentPosition = 1 << 3,

    /// <summary>A wait can have an end: IORING_FEAT_EXT_ARG, Linux 5.11.</summary>
    ExtendedArgument = 1 << 8,

    /// <summary>Completions of entries that succeed can be left out: IORING_FEAT_CQE_SKIP, Linux 5.17.</summary>
    SkipSuccess = 1 << 11,
}
