using System.Globalization;

namespace Vigil.Compare.Tools;

/// <summary>The reference in C, bench/compare/c/reader.c: one directory, no tree.</summary>
internal sealed class CReaderTool(string program, bool batching) : Tool
{
    public override string Key => batching ? "c-batch" : "c-eager";

    public override string Title => batching ? "C, 1 ms batches" : "C, eager";

    public override string Program => program;

    public override string Version => Programs.FirstLine("gcc", "--version");

    public override bool IsRaw => true;

    public override bool WatchesTrees => false;

    public override bool Serves(Purpose purpose) => purpose != Purpose.Loss;

    public override IReadOnlyList<string> Arguments(Purpose purpose, string path) =>
        [batching ? "batch" : "eager", path];

    public override bool IsReady(string line) => line == "ready";

    public override bool TryParse(string line, string watched, out Observation observation)
    {
        observation = default;
        if (line == "overflow")
        {
            observation = new Observation(ObservedKind.Overflowed, "", Text: line);
            return true;
        }

        if (line.Length < 9 || line[8] != ' ')
        {
            return false;
        }

        uint mask = uint.Parse(line.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        string path = line.Length == 9 ? watched : $"{watched}/{line.AsSpan(9)}";
        observation = new Observation(InotifyBits.KindOf(mask), path, null, (mask & InotifyBits.IN_ISDIR) != 0, line);
        return true;
    }
}
