using System.Diagnostics;

namespace Vigil.Compare.Bus;

/// <summary><c>vigil serve</c> and <c>vigil subscribe</c>.</summary>
internal sealed class VigilBusPeer(WorkArea area, string vigil, string folder) : BusPeer(area, "vigil serve")
{
    private readonly string _socket = Path.Combine(folder, "vigil.sock");

    public override BusSubscriber Subscribe(string root) =>
        new(Area, Command("subscribe", "--json", root), input: null, "\"kind\":\"ready\"");

    public override string Clock(string root) => Run(Command("clock", root)).Output.Trim();

    public override string Since(string root, string position) =>
        Run(Command("since", "--json", position, root)).Output;

    protected override ProcessStartInfo ServerStart() => Command("serve", "--quiet");

    protected override bool Answers() => File.Exists(_socket) && Run(Command("status")).Status == 0;

    private ProcessStartInfo Command(params string[] words) =>
        new(vigil, words) { Environment = { ["VIGIL_SOCKET"] = _socket } };
}
