namespace Vigil.Watching;

/// <summary>A name in a directory: one step on the way to a file.</summary>
/// <param name="Way">The directory.</param>
/// <param name="Name">The name, without a NUL.</param>
internal readonly record struct FileHop(FileWay Way, byte[] Name)
{
    internal bool Is(FileWay way, ReadOnlySpan<byte> name) => Way == way && name.SequenceEqual(Name);
}
