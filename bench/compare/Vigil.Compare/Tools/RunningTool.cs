using System.ComponentModel;
using System.Diagnostics;

namespace Vigil.Compare.Tools;

/// <summary>A started tool: its process, and its end.</summary>
internal abstract class RunningTool : IDisposable
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(10);

    private readonly WorkArea _area;

    protected RunningTool(Tool tool, string watched, WorkArea area, ProcessStartInfo start)
    {
        Tool = tool;
        Watched = watched;
        _area = area;
        StartedAt = Stopwatch.GetTimestamp();
        Process = Process.Start(start)!;
        area.Adopt(Process);
    }

    public Tool Tool { get; }

    public string Watched { get; }

    public int ProcessId => Process.Id;

    /// <summary>Taken just before the process was made.</summary>
    protected long StartedAt { get; }

    protected Process Process { get; }

    /// <summary>Resident memory now and at its highest, in KiB, from /proc/PID/status.</summary>
    public (long RssKib, long HighestKib) Memory()
    {
        string[] lines = File.ReadAllLines($"/proc/{ProcessId}/status");
        return (Field("VmRSS:"), Field("VmHWM:"));

        long Field(string name) =>
            long.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split(
                (char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary>
    /// The masks of the tool's inotify watches on one inode, as the kernel has them: /proc/PID/fdinfo/N shows one line
    /// a watch ("inotify wd:1 ino:1a sdev:16 mask:3c6 …", in hexadecimal).
    /// </summary>
    public IReadOnlySet<uint> InotifyMasks(long inode)
    {
        HashSet<uint> masks = [];
        IEnumerable<string> watches = Directory.EnumerateFiles($"/proc/{ProcessId}/fdinfo")
            .SelectMany(LinesOf)
            .Where(line => line.StartsWith("inotify ", StringComparison.Ordinal));
        foreach (string watch in watches)
        {
            Dictionary<string, string> fields = watch.Split(' ')
                .Where(field => field.Contains(':', StringComparison.Ordinal))
                .Select(field => field.Split(':', 2))
                .ToDictionary(pair => pair[0], pair => pair[1]);
            if (Convert.ToInt64(fields["ino"], 16) == inode)
            {
                masks.Add(Convert.ToUInt32(fields["mask"], 16));
            }
        }

        return masks;
    }

    /// <summary>The lines of a file of /proc/PID/fdinfo; none where it is gone: a tool opens and closes descriptors
    /// while it is looked at.</summary>
    public static string[] LinesOf(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return [];
        }
    }

    public void Signal(int signal) => Libc.Signal(ProcessId, signal);

    /// <summary>Asks the tool to end, and insists after a while.</summary>
    public void End()
    {
        if (!Process.HasExited)
        {
            try
            {
                Signal(Libc.SIGCONT);
                Signal(Libc.SIGTERM);
            }
            catch (Win32Exception)
            {
                // It ended in between.
            }

            if (!Process.WaitForExit(EndBound))
            {
                Process.Kill();
                Process.WaitForExit();
            }
        }
    }

    public void Dispose()
    {
        End();
        DisposeOutput();
        _area.Release(Process);
        Process.Dispose();
    }

    protected abstract void DisposeOutput();
}
