namespace Vigil.Rings;

/// <summary>Who is let in at a <see cref="RingListener"/>, and how.</summary>
public sealed class RingListenOptions
{
    /// <summary>How those who join here learn of messages.</summary>
    public RingWakeMode Mode { get; set; } = RingWakeMode.Push;

    /// <summary>Whether processes of every user are let in, so far as the path lets them.</summary>
    public bool AllowAnyUser { get; set; }

    /// <summary>
    /// Who may connect at all, by the mode of the path; null for what the process's umask leaves. Other users need
    /// write permission on the socket and search permission on the directories above it.
    /// </summary>
    public UnixFileMode? Permissions { get; set; }

    /// <summary>The numbers of users that are let in besides this process's own.</summary>
    public ISet<uint> AllowedUserIds { get; } = new HashSet<uint>();
}
