namespace Vigil.Compare.Ring;

/// <summary>One way to bring messages from one place to another: a program, and what it is told to use.</summary>
internal sealed record RingPeer(string Key, string Title, string Program, string? Kind = null)
{
    /// <summary>What ours are compared with: the same ring in C.</summary>
    public const string MeasureKey = "c";

    /// <summary>One of the ways in which a .NET program uses our ring.</summary>
    public bool IsOurs => Key is "facade" or "write" or "raw";

    /// <summary>What the kernel offers.</summary>
    public bool IsKernels => Key is "pipe" or "stream" or "seqpacket";

    /// <summary>A measurement as this peer's program wants it: what, by what means, and the numbers.</summary>
    public string[] Arguments(string what, IEnumerable<string> numbers) =>
        Kind is null ? [what, .. numbers] : [what, Kind, .. numbers];
}
