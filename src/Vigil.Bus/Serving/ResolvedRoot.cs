using Vigil.Platform.Linux;

namespace Vigil.Bus.Serving;

/// <summary>Where a root really is, and what is there: its name may lead elsewhere by now.</summary>
/// <param name="Path">The absolute path without symbolic links.</param>
/// <param name="Status">What was found there.</param>
internal readonly record struct ResolvedRoot(string Path, FileStatus Status)
{
    /// <summary>Whether that is a file which somebody else knows by its identity.</summary>
    /// <remarks>Overlayfs changes the time of birth when a file is copied up, so a watcher does without it
    /// there.</remarks>
    internal bool Is(ulong identity) =>
        Status.Identity(withBirth: true) == identity || Status.Identity(withBirth: false) == identity;
}
