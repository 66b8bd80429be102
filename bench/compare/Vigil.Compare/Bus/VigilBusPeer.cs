using System.Diagnostics;
using System.Text.Json;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Bus;

/// <summary><c>vigil serve</c> and <c>vigil subscribe</c>.</summary>
internal sealed class VigilBusPeer(WorkArea area, string vigil, string folder) : BusPeer(area, PeerTitle)
{
    public const string PeerTitle = "vigil serve";

    private readonly string _socket = Path.Combine(folder, "vigil.sock");

    public override BusSubscriber Subscribe(string root) =>
        new(Area, Command("subscribe", "--json", root), input: null, "\"kind\":\"ready\"");

    public override string Clock(string root) => Run(Command("clock", root)).Output.Trim();

    public override string Since(string root, string position) =>
        Run(Command("since", "--json", position, root)).Output;

    /// <summary>Directories that it polls, because no kernel watch was left for them.</summary>
    public long CountPolled()
    {
        using JsonDocument status = JsonDocument.Parse(Run(Command("status", "--json")).Output);
        return status.RootElement.GetProperty("trees").EnumerateArray()
            .Sum(tree => tree.GetProperty("polledDirectories").GetInt64());
    }

    /// <summary>Kernel watches that it holds.</summary>
    public int CountWatches() => Directory.GetFiles($"/proc/{ServerId}/fdinfo")
        .SelectMany(RunningTool.LinesOf)
        .Count(line => line.StartsWith("inotify wd:", StringComparison.Ordinal));

    protected override ProcessStartInfo ServerStart() => Command("serve", "--quiet");

    protected override bool Answers() => File.Exists(_socket) && Run(Command("status")).Status == 0;

    private ProcessStartInfo Command(params string[] words) =>
        new(vigil, words) { Environment = { ["VIGIL_SOCKET"] = _socket } };
}
