namespace Vigil.Bus.Serving;

/// <summary>What a connection may say next.</summary>
internal enum ConnectionState
{
    /// <summary>A hello, soon.</summary>
    New = 0,

    /// <summary>What it wants, soon.</summary>
    Greeted,

    /// <summary>Nothing: its answer is being made.</summary>
    Waiting,

    /// <summary>Syncs.</summary>
    Subscribed,

    /// <summary>Nothing: it is held until its peer has received what was sent to it.</summary>
    Draining,

    /// <summary>Nothing any more.</summary>
    Closed,
}
