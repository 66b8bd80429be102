using System.Text;
using Vigil.Cli.Printing;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Tests;

/// <summary>What a printer puts out, without a watcher and without a process.</summary>
internal static class Printed
{
    /// <summary>2026-11-21T09:30:05.000042Z.</summary>
    internal static readonly long Time = new DateTime(2026, 11, 21, 9, 30, 5, DateTimeKind.Utc).Ticks + 420;

    internal static readonly DisplayedPath Relative = DisplayedPath.RelativeTo("/srv/data");

    internal static byte[] Bytes(IChangePrinter printer, ChangeRecord change)
    {
        Output output = new(StandardStream.Output);
        printer.Print(change, output);
        return output.Pending.ToArray();
    }

    internal static string Text(IChangePrinter printer, ChangeRecord change) =>
        Encoding.UTF8.GetString(Bytes(printer, change));

    internal static string Text(IRawPrinter printer, RawEvent source)
    {
        Output output = new(StandardStream.Output);
        printer.Print(source, output);
        return Encoding.UTF8.GetString(output.Pending);
    }

    internal static ChangeRecord Change(
        ReadOnlySpan<byte> path, FileChangeKind kind = FileChangeKind.Created, EntryType type = EntryType.File) =>
        new() { Kind = kind, Type = type, Sequence = 7, TimeTicks = Time, Path = path };

    internal static ChangeRecord Rename(ReadOnlySpan<byte> oldPath, ReadOnlySpan<byte> path) =>
        new()
        {
            Kind = FileChangeKind.Renamed,
            Type = EntryType.Directory,
            Sequence = 8,
            TimeTicks = Time,
            Path = path,
            OldPath = oldPath,
        };
}
