namespace Vigil.Compare.Bus;

/// <summary>One number of one peer.</summary>
/// <param name="Row">What was measured.</param>
/// <param name="Peer">Whose it is.</param>
/// <param name="Repetition">In which repetition.</param>
/// <param name="Value">The number.</param>
internal sealed record BusSample(string Row, string Peer, int Repetition, double Value)
{
    public const string Ready = "ready on the large tree, ms";
    public const string Another = "ready, each of ten more subscribers, ms";
    public const string Memory = "memory of the service then, MiB";
    public const string CpuOne = "CPU of the service a change, 1 subscriber, µs";
    public const string CpuTen = "CPU of the service a change, 10 subscribers, µs";
    public const string Latency50 = "write to line, p50, ms";
    public const string Latency99 = "write to line, p99, ms";
    public const string Plain50 = "write to line of a plain reader in C beside it, p50, ms";
    public const string Plain99 = "write to line of a plain reader in C beside it, p99, ms";
    public const string Since = "`since` after 100 files, ms";

    public const string Fiftieth = "ready, the 50th subscriber, ms";
    public const string MemoryEach = "memory of the service, each of 49 more subscribers, KiB";
    public const string Killed = "SIGKILL of the service in a storm until 50 know, ms";

    /// <summary>All rows, in the order of the table; smaller is better in each.</summary>
    public static readonly string[] Rows =
    [
        Ready, Another, Memory, CpuOne, CpuTen, Latency50, Latency99, Plain50, Plain99, Since,
        Fiftieth, MemoryEach, Killed,
    ];

    /// <summary>Those in which nobody is compared: what the machine did meanwhile, and what watchman has not.</summary>
    public static readonly string[] Alone = [Plain50, Plain99, Fiftieth, MemoryEach, Killed];
}
