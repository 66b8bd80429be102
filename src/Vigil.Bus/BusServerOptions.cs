namespace Vigil.Bus;

/// <summary>How a <see cref="BusServer"/> serves, and the bounds of what it does for others.</summary>
public sealed class BusServerOptions
{
    /// <summary>Where its socket is; null for <see cref="BusSocket.DefaultPath"/>.</summary>
    public string? SocketPath { get; set; }

    /// <summary>The roots that may be watched, with all below them; if there are none, every root may.</summary>
    public IList<string> AllowedRoots { get; } = [];

    /// <summary>Users that may subscribe besides this process's own. They learn every name below the roots that they
    /// may read themselves; descriptors they get only of what they could open.</summary>
    public ISet<uint> AllowedUserIds { get; } = new HashSet<uint>();

    /// <summary>How long a tree stays watched after the last of its subscribers has left.</summary>
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a tree is kept at least after a position of it was asked for, which somebody may come back
    /// with.</summary>
    public TimeSpan PositionGracePeriod { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of changes that are kept of each tree.</summary>
    public int HistoryBytes { get; set; } = 16 << 20;

    /// <summary>Bytes of each ring: how far a subscriber may be behind before it has to be caught up from
    /// history.</summary>
    public long RingBytes { get; set; } = 1 << 20;

    /// <summary>How long a subscriber may have something to read and not move before it is evicted.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long who connects may take to say what it wants.</summary>
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many connections there may be.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>How many of them one user may have.</summary>
    public int MaxConnectionsPerUser { get; set; } = 1024;

    /// <summary>How many of them one process may have.</summary>
    public int MaxConnectionsPerProcess { get; set; } = 256;

    /// <summary>How many trees may be watched at a time.</summary>
    public int MaxTrees { get; set; } = 256;

    /// <summary>How many trees each user that is not the server's own may have watched.</summary>
    public int MaxTreesPerForeignUser { get; set; } = 32;

    /// <summary>How many directories there may be in them together; never more than a quarter of
    /// fs.inotify.max_user_watches.</summary>
    public int MaxDirectoriesPerForeignUser { get; set; } = 65_536;

    /// <summary>How many rings there may be for the subscriptions of each such user; a quarter of them may need
    /// threads: those with descriptors or many globs.</summary>
    public int MaxFeedsPerForeignUser { get; set; } = 32;

    /// <summary>How much memory may wait for the processes of one user that do not receive it: states and histories
    /// that they asked for. Where there is as much, the next is made when some has been received.</summary>
    public long MaxUnreceivedBytesPerUser { get; set; } = 256 << 20;

    /// <summary>How long a ring with descriptors, or with what a rename of a large directory makes, waits for readers
    /// that have no room, all in all; what is written earns it again.</summary>
    public TimeSpan ReaderPatience { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether it ends once nobody is left and the grace period is over.</summary>
    public bool EndsWhenIdle { get; set; }

    /// <summary>Called with what is worth telling, a line each, one at a time on a thread of its own. Where it blocks,
    /// lines are left out, and nobody waits; what peers have made long is cut.</summary>
    public Action<string>? Log { get; set; }

    internal BusServerOptions Copy(Action<string>? log)
    {
        var copy = (BusServerOptions)MemberwiseClone();
        copy.Log = log;
        return copy;
    }
}
