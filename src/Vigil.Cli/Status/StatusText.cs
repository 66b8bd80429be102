using System.Globalization;
using System.Text;
using Vigil.Bus;

namespace Vigil.Cli.Status;

/// <summary>A server for a person to read.</summary>
internal static class StatusText
{
    public static string Of(BusStatus status)
    {
        StringBuilder text = new();
        string path = Talk.OneLine(status.SocketPath);
        Line(text, $"server     process {status.ProcessId}, up {Seconds(status.UptimeSeconds)}, {path}");
        Line(text, $"peers      {status.Connections} connected, {status.Refused} refused");
        Line(text, $"memory     {Bytes(status.MemoryBytes)} resident, {Bytes(status.HeapBytes)} of that heap");
        Line(text, $"watches    {status.Watches} of {status.MaxWatches} (fs.inotify.max_user_watches)");
        if (status.Trees.Count == 0)
        {
            Line(text, $"trees      none");
        }

        foreach (BusTreeStatus tree in status.Trees)
        {
            Append(text, tree);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, BusTreeStatus tree)
    {
        Line(text, $"\n{Talk.OneLine(tree.Root)}");
        Line(text, $"  position   {tree.Position}");
        Line(text, $"  entries    {tree.Entries}, of that {tree.Directories} directories; "
            + $"{tree.WatchedDirectories} watched, {tree.PolledDirectories} polled");
        Line(text, $"  changes    {tree.Changes}, {tree.ChangesPerSecond:0.#} a second; {tree.Overflows} overflows");
        Line(text, $"  history    {tree.HistoryChanges} changes in {Bytes(tree.HistoryBytes)}");
        foreach (BusFeedStatus feed in tree.Feeds)
        {
            string what = feed.WithDescriptors ? "with descriptors, " : "";
            string root = Talk.OneLine(feed.Root);
            Line(text, $"  ring       {Bytes(feed.RingBytes)}, {what}{feed.Records} records of {root}");
            foreach (BusSubscriberStatus subscriber in feed.Subscribers)
            {
                string missed = subscriber.MissedDescriptors > 0
                    ? string.Create(
                        CultureInfo.InvariantCulture, $", missed {subscriber.MissedDescriptors} descriptors")
                    : "";
                Line(text, $"    process {subscriber.ProcessId}, {Bytes(subscriber.LagBytes)} behind{missed}");
            }
        }
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Seconds(double seconds) => TimeSpan.FromSeconds(Math.Floor(seconds)).ToString("c");

    private static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MiB"),
    };
}
