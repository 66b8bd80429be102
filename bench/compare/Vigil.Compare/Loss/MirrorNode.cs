namespace Vigil.Compare.Loss;

/// <summary>One entry of the mirror; a directory has children.</summary>
internal sealed class MirrorNode(bool isDirectory)
{
    public bool IsDirectory { get; } = isDirectory;

    public Dictionary<string, MirrorNode> Children { get; } = new(StringComparer.Ordinal);
}
