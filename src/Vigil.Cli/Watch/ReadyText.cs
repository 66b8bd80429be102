using System.Globalization;
using Vigil.Cli.Printing;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>What a person is told once everything is watched.</summary>
internal static class ReadyText
{
    /// <summary><c>watching 12 directories, 340 entries (inotify), ready in 3 ms</c>.</summary>
    public static string Of(WatchNotice notice) => string.Create(
        CultureInfo.InvariantCulture,
        $"watching {Plural(notice.Directories, "directory", "directories")}, "
        + $"{Plural(notice.Entries, "entry", "entries")} "
        + $"({KindNames.Of(notice.Backend)}), ready in {Milliseconds(notice.Elapsed)} ms");

    /// <summary><c>watching 2 paths (inotify), ready in 0.3 ms</c>.</summary>
    public static string Of(int count, string noun, WatchBackend backend, TimeSpan elapsed) =>
        $"watching {Plural(count, noun, noun + "s")} ({KindNames.Of(backend)}), ready in {Milliseconds(elapsed)} ms";

    private static string Plural(int count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    private static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "0.#" : "0", CultureInfo.InvariantCulture);
}
