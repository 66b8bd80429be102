namespace Vigil.Platform.Linux;

/// <summary>How an entry hangs together with others: the IOSQE_ flags of io_uring_enter(2).</summary>
[Flags]
public enum IoUringEntryFlags : byte
{
    /// <summary>By itself.</summary>
    None = 0,

    /// <summary>The descriptor is the index of a registered file: IOSQE_FIXED_FILE.</summary>
    FixedFile = 0x1,

    /// <summary>The next one begins when this one has succeeded in full, else it is cancelled: IOSQE_IO_LINK.</summary>
    Link = 0x4,

    /// <summary>The next one begins when this one is over, however it ended: IOSQE_IO_HARDLINK.</summary>
    HardLink = 0x8,

    /// <summary>Not tried at once: it may wait, in a thread of the kernel: IOSQE_ASYNC.</summary>
    Async = 0x10,

    /// <summary>Without a completion if it succeeds: IOSQE_CQE_SKIP_SUCCESS.</summary>
    SkipSuccess = 0x40,
}
