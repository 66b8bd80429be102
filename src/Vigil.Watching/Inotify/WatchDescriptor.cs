using System.Globalization;

namespace Vigil.Watching;

/// <summary>
/// The number by which one <see cref="Inotify"/> instance knows a watch: inotify_add_watch(2). It is the watch of an
/// inode, not of a path: it stays through renames. The kernel counts up and does not use a number again for a very long
/// time.
/// </summary>
/// <param name="Value">1, 2, 3 …; -1 in the event that tells of an overflow.</param>
public readonly record struct WatchDescriptor(int Value)
{
    /// <summary>The number.</summary>
    /// <returns>The number in decimal.</returns>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
