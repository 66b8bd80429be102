using Vigil.Platform;

namespace Vigil.IO.Many;

/// <summary>A place for one file at a time: its path, where its bytes go, and what came of its entries so
/// far.</summary>
internal sealed class RingManySlot(int index, int readBytes)
{
    private const int ShortPathBytes = 256;

    /// <summary>Its place in the ring's table of files.</summary>
    internal int Index => index;

    internal string Path { get; private set; } = "";

    /// <summary>The path as the kernel takes it. Never moved: the kernel reads it while the file is under
    /// way.</summary>
    internal byte[] PathBytes { get; private set; } = GC.AllocateUninitializedArray<byte>(ShortPathBytes, pinned: true);

    /// <summary>Where the bytes go, and one byte more, to see whether there are more. Never moved.</summary>
    internal byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(readBytes + 1, pinned: true);

    /// <summary>How many of its entries the kernel has taken, where it did not take all.</summary>
    internal int Cut { get; set; }

    /// <summary>Whether its place is not used any more: a late open may still come into it.</summary>
    internal bool IsRetired { get; set; }

    internal KernelResult Read { get; set; }

    internal KernelResult Probe { get; set; }

    internal void Take(string path)
    {
        Path = path;
        Read = default;
        Probe = default;
        if (PathText.TryWriteTerminated(path, PathBytes, out _))
        {
            return;
        }

        byte[] bytes = PathText.ToTerminated(path);
        if (bytes.Length > PathBytes.Length)
        {
            PathBytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        }

        bytes.CopyTo(PathBytes, 0);
    }
}
