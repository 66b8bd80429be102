using Vigil.Cli.Printing;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Tests;

/// <summary>Printing is on the hot path: what it allocates for a change, a storm pays a million times.</summary>
public sealed class AllocationTests
{
    private const int Changes = 10_000;
    private const int FlushAt = 100;

    public static TheoryData<string> Printers => ["json", "line", "format", "raw", "rawJson"];

    [Theory]
    [MemberData(nameof(Printers))]
    public void Printing_allocates_nothing(string name)
    {
        // Before: what is made once (masks, seconds, the code itself).
        Print(name, Create(name), out _);
        object printer = Create(name);
        Print(name, printer, out _);
        Print(name, printer, out long bytes);
        Assert.Equal(0, bytes);
    }

    private static object Create(string name) => name switch
    {
        "json" => new JsonPrinter(Printed.Relative),
        "line" => new LinePrinter(Printed.Relative, isColored: true, endsInNul: false),
        "format" => new FormatPrinter("%T %w%f %e", Printed.Relative, ["/srv/data"], endsInNul: false),
        "raw" => new RawLinePrinter(endsInNul: false),
        _ => new RawJsonPrinter(),
    };

    private static void Print(string name, object printer, out long allocatedBytes)
    {
        Output output = new(StandardStream.Output);
        ReadOnlySpan<byte> path = [.. "/srv/data/some/where/a\n\"é"u8, 0xff];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Changes; i++)
        {
            if (i % FlushAt == 0)
            {
                output.Clear();
            }

            if (printer is IChangePrinter changes)
            {
                long time = Printed.Time + i;
                changes.Print(
                    new ChangeRecord { Path = path, OldPath = path, Sequence = i, TimeTicks = time }, output);
            }
            else
            {
                InotifyMask mask = i % 2 == 0 ? InotifyMask.Create : InotifyMask.Delete | InotifyMask.IsDir;
                ((IRawPrinter)printer).Print(new RawEvent { Watch = 1, Mask = mask, Name = path }, output);
            }
        }

        allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(output.Pending.Length > 0, name);
    }
}
