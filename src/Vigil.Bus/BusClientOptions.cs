namespace Vigil.Bus;

/// <summary>How a <see cref="BusClient"/> finds its server, and what it does without one.</summary>
public sealed class BusClientOptions
{
    /// <summary>Where the server's socket is; null for <see cref="BusSocket.DefaultPath"/>.</summary>
    public string? SocketPath { get; set; }

    /// <summary>Users whose server is believed, besides this process's own user and root. Another one's is refused:
    /// what it says could be invented, and it learns what is asked for.</summary>
    public ISet<uint> TrustedServerUserIds { get; } = new HashSet<uint>();

    /// <summary>
    /// Whether a subscription is watched by the client itself where there is no server, or none that answers: from the
    /// start, or once a server was lost for longer than <see cref="ReconnectTimeout"/>, told as
    /// <see cref="Vigil.Watching.FileChangeKind.Fresh"/>, all that is there, and
    /// <see cref="Vigil.Watching.FileChangeKind.Rescanned"/>. Such a subscription stays without a server to its end,
    /// also where one comes later; the next one looks for it, once and without waiting.
    /// </summary>
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

    /// <summary>
    /// How long it is tried to reach a server that was started, or one that was lost, before the client watches by
    /// itself or fails. <see cref="Timeout.InfiniteTimeSpan"/> for ever. It counts from the loss until a change was
    /// delivered, or a server has held for five seconds: one that is reached and lost again and again is not waited
    /// for any longer than one that is not there.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a server that was reached may take to answer a question or a subscription, before that fails with
    /// <see cref="BusProblem.TimedOut"/>. It has to watch the tree first, which with millions of entries takes minutes.
    /// <see cref="Timeout.InfiniteTimeSpan"/> for ever. What needs no tree (the hello, the status) may take five
    /// seconds.
    /// </summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromMinutes(5);

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
        AnswerTimeout = AnswerTimeout,
    };
}
