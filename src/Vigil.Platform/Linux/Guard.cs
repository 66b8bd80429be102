using System.Runtime.CompilerServices;

namespace Vigil.Platform.Linux;

/// <summary>Checks of what goes to the kernel as a pointer.</summary>
internal static class Guard
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Terminated(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path[^1] != 0)
        {
            ThrowNotTerminated(nameof(path));
        }
    }

    private static void ThrowNotTerminated(string path) =>
        throw new ArgumentException("A path goes to the kernel as bytes that end in a NUL.", path);
}
