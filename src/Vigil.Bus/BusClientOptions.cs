namespace Vigil.Bus;

/// <summary>How a <see cref="BusClient"/> finds its server, and what it does without one.</summary>
public sealed class BusClientOptions
{
    /// <summary>Where the server's socket is; null for <see cref="BusSocket.DefaultPath"/>.</summary>
    public string? SocketPath { get; set; }

    /// <summary>Users whose server is believed, besides this process's own user and root. Another one's is refused:
    /// what it says could be invented, and it learns what is asked for.</summary>
    public ISet<uint> TrustedServerUserIds { get; } = new HashSet<uint>();

    /// <summary>Whether the client watches by itself where there is no server.</summary>
    public bool AllowLocal { get; set; }

    /// <summary>
    /// A program that becomes a server, started where there is none: its path, then its arguments. The socket is told
    /// to it by the environment variable <see cref="BusSocket.Variable"/>. Null: none is started.
    /// </summary>
    public IReadOnlyList<string>? StartCommand { get; set; }

    /// <summary>
    /// For a process that asks one question and ends: the server is looked for with the question alone, not before, and
    /// the thread that asks waits for the answer for a moment itself. Without the threads that wait for others such a
    /// process lives half as long. Has no effect with <see cref="AllowLocal"/>, which has to look first.
    /// </summary>
    public bool AsksOnce { get; set; }

    /// <summary>How long it is tried to reach a server that was started, or one that was lost, before the client
    /// watches by itself or fails. <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    public TimeSpan ReconnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal BusClientOptions Copy()
    {
        BusClientOptions copy = CopyValues();
        copy.TrustedServerUserIds.UnionWith(TrustedServerUserIds);
        return copy;
    }

    private BusClientOptions CopyValues() => new()
    {
        SocketPath = Path.GetFullPath(SocketPath ?? BusSocket.DefaultPath),
        AllowLocal = AllowLocal,
        AsksOnce = AsksOnce && !AllowLocal,
        StartCommand = StartCommand is null ? null : [.. StartCommand],
        ReconnectTimeout = ReconnectTimeout,
    };
}
