namespace Vigil.Watching;

/// <summary>One message of a backend, valid while it is handled.</summary>
internal readonly ref struct TreeHint
{
    /// <summary>What it says.</summary>
    public HintKind Kind { get; init; }

    /// <summary>Whether the entry is a directory.</summary>
    public bool IsDirectory { get; init; }

    /// <summary>The watch it came through.</summary>
    public int Watch { get; init; }

    /// <summary>What the two halves of a rename have in common.</summary>
    public uint Cookie { get; init; }

    /// <summary>The name in the directory, ended by a NUL; empty where it is about the directory itself.</summary>
    public ReadOnlySpan<byte> TerminatedName { get; init; }

    /// <summary>The name without its NUL.</summary>
    public ReadOnlySpan<byte> Name => TerminatedName.IsEmpty ? default : TerminatedName[..^1];
}
