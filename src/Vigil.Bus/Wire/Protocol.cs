namespace Vigil.Bus.Wire;

/// <summary>The bounds of the control protocol: docs/internals/bus.md.</summary>
internal static class Protocol
{
    internal const ushort Version = 1;

    /// <summary>The first field of a hello: "VIGILBUS" as it lies in memory.</summary>
    internal const ulong Magic = 0x5355424C49474956;

    /// <summary>No message is longer.</summary>
    internal const int MaxMessageBytes = 64 << 10;

    /// <summary>No path of a root is longer.</summary>
    internal const int MaxRootBytes = 4096;

    /// <summary>There are no more globs of a kind.</summary>
    internal const int MaxGlobs = 64;

    /// <summary>There are no more <c>**</c> in all globs: each is tried at each depth of a path.</summary>
    internal const int MaxDeepGlobs = 16;

    /// <summary>No glob is longer.</summary>
    internal const int MaxGlobBytes = 4096;

    /// <summary>So many syncs of one subscriber may be open.</summary>
    internal const int MaxSyncs = 64;
}
