using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>How an <see cref="Inotify"/> instance is opened. Read once, by <see cref="Inotify.Open"/>.</summary>
public sealed class InotifyOptions
{
    /// <summary>The smallest read buffer, in bytes: one event with the longest name.</summary>
    public const int MinBufferBytes = InotifyHandle.MaxEventBytes;

    /// <summary>
    /// The size of the read buffer in bytes: what one read can bring. At least <see cref="MinBufferBytes"/>; 64 KiB.
    /// </summary>
    public int BufferBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// IN_CLOEXEC: programs that this process starts do not inherit the instance. True; false only to hand it over on
    /// purpose.
    /// </summary>
    public bool CloseOnExec { get; set; } = true;

    /// <summary>
    /// IN_NONBLOCK: read(2) on the descriptor never waits. True. <see cref="Inotify"/> waits with poll(2) either way;
    /// false is for a descriptor that other code reads, and makes a read here wait where that code was faster.
    /// </summary>
    public bool NonBlocking { get; set; } = true;
}
