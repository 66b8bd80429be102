namespace Vigil.Watching;

/// <summary>A directory on the way to another, and what has to be known of it.</summary>
internal sealed class PathStep(string directory, ulong identity)
{
    /// <summary>Its path, without symbolic links.</summary>
    internal string Directory { get; } = directory;

    /// <summary>Which directory it was.</summary>
    internal ulong Identity { get; } = identity;

    /// <summary>The events that matter.</summary>
    internal InotifyMask Mask { get; set; }

    /// <summary>The names in it on which the way depends.</summary>
    internal List<byte[]> Names { get; } = [];

    /// <summary>Whether it is where the way ends.</summary>
    internal bool IsEnd { get; set; }

    /// <summary>Whether another look found the same here.</summary>
    internal bool Equals(PathStep other) =>
        Directory == other.Directory && Identity == other.Identity && Mask == other.Mask && IsEnd == other.IsEnd
        && Names.Count == other.Names.Count
        && Names.Zip(other.Names).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
