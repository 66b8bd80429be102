namespace Vigil.Platform.Linux;

/// <summary>What an entry asks for: enum io_uring_op of linux/io_uring.h, as far as Vigil uses it.</summary>
public enum IoUringCode : byte
{
    /// <summary>Nothing; it only completes.</summary>
    Nop = 0,

    /// <summary>preadv2(2).</summary>
    ReadVector = 1,

    /// <summary>pwritev2(2).</summary>
    WriteVector = 2,

    /// <summary>fsync(2), fdatasync(2).</summary>
    Sync = 3,

    /// <summary>Waits until a descriptor is ready, as poll(2) does.</summary>
    PollAdd = 6,

    /// <summary>Cancels another entry.</summary>
    AsyncCancel = 14,

    /// <summary>openat(2), also into the table of registered files.</summary>
    OpenAt = 18,

    /// <summary>close(2), also out of the table of registered files.</summary>
    Close = 19,

    /// <summary>pread(2).</summary>
    Read = 22,

    /// <summary>pwrite(2).</summary>
    Write = 23,
}
