using System.Globalization;

namespace Vigil.Watching.Tests;

/// <summary>A kernel setting that has another value until this is disposed. Only root may.</summary>
internal sealed class Sysctl : IDisposable
{
    private readonly string _path;
    private readonly string _before;

    private Sysctl(string path, long value)
    {
        _path = path;
        _before = File.ReadAllText(path);
        File.WriteAllText(path, value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// The value that inotify instances opened from now on have: inotify(7). Null where it may not be set.
    /// </summary>
    internal static Sysctl? TrySetMaxQueuedEvents(long value)
    {
        try
        {
            return new Sysctl("/proc/sys/fs/inotify/max_queued_events", value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose() => File.WriteAllText(_path, _before);
}
