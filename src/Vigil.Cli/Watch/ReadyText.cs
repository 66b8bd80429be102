using System.Globalization;
using Vigil.Cli.Printing;
using Vigil.Watching;

namespace Vigil.Cli.Watch;

/// <summary>What a person is told once everything is watched.</summary>
internal static class ReadyText
{
    /// <summary><c>watching 12 directories, 340 entries (inotify), ready in 3 ms</c>.</summary>
    /// <param name="notice">What the watcher says.</param>
    /// <param name="roots">How many of the entries are watched directories themselves, which nobody counts.</param>
    public static string Of(WatchNotice notice, int roots)
    {
        string directories = Plural(notice.Directories, "directory", "directories");
        string what = notice.Directories == 0
            ? Plural(notice.Entries, "file", "files")
            : $"{directories}, {Plural(Math.Max(0, notice.Entries - roots), "entry", "entries")}";
        string elapsed = Milliseconds(notice.Elapsed);
        return $"watching {what} ({KindNames.Of(notice.Backend)}), ready in {elapsed} ms";
    }

    /// <summary><c>watching 2 paths (inotify), ready in 0.3 ms</c>.</summary>
    public static string Of(int count, string noun, WatchBackend backend, TimeSpan elapsed) =>
        $"watching {Plural(count, noun, noun + "s")} ({KindNames.Of(backend)}), ready in {Milliseconds(elapsed)} ms";

    private static string Plural(int count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    private static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "0.#" : "0", CultureInfo.InvariantCulture);
}
