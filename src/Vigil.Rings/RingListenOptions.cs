namespace Vigil.Rings;

/// <summary>Who is let in at a <see cref="RingListener"/>, and how.</summary>
public sealed class RingListenOptions
{
    /// <summary>How those who join here learn of messages.</summary>
    public RingWakeMode Mode { get; set; } = RingWakeMode.Push;

    /// <summary>Whether processes of every user are let in, so far as the path lets them.</summary>
    public bool AllowAnyUser { get; set; }

    /// <summary>The numbers of users that are let in besides this process's own.</summary>
    public ISet<uint> AllowedUserIds { get; } = new HashSet<uint>();
}
