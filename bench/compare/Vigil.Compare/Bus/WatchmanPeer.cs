using System.Diagnostics;
using System.Text.Json;

namespace Vigil.Compare.Bus;

/// <summary>Watchman, with its own command as the subscriber.</summary>
internal sealed class WatchmanPeer(WorkArea area, string folder) : BusPeer(area, "watchman")
{
    private readonly string _socket = Path.Combine(folder, "watchman.sock");
    private int _subscriptions;

    // The first answer names what is there only where it has to: the subscription begins at the clock of now.
    public override BusSubscriber Subscribe(string root)
    {
        string name = $"subscription{++_subscriptions}";
        object[] command =
        [
            "subscribe", root, name,
            new { fields = (string[])["name", "exists", "new", "size", "mtime_ms"], since = Clock(root) },
        ];
        return new BusSubscriber(
            Area, Command("-p", "-j"), JsonSerializer.Serialize(command), $"\"subscribe\":\"{name}\"");
    }

    public override string Clock(string root)
    {
        _ = Ask("watch", root);
        return Ask("clock", root).RootElement.GetProperty("clock").GetString()!;
    }

    public override string Since(string root, string position) => Run(
        Command("-j"),
        JsonSerializer.Serialize((object[])
        [
            "query", root, new { since = position, fields = (string[])["name", "exists", "new", "size", "mtime_ms"] },
        ])).Output;

    protected override ProcessStartInfo ServerStart() => new(
        "watchman",
        [
            "--foreground", "--no-save-state", "-U", _socket, "-o", Path.Combine(folder, "watchman.log"),
            "--pidfile", Path.Combine(folder, "watchman.pid"),
        ]);

    protected override bool Answers() =>
        File.Exists(_socket) && Run(Command("get-pid")).Output.Contains("\"pid\"", StringComparison.Ordinal);

    private JsonDocument Ask(string command, string root)
    {
        (int status, string output) = Run(Command(command, root));
        return status == 0
            ? JsonDocument.Parse(output)
            : throw new InvalidOperationException($"watchman {command}: status {status}: {output}");
    }

    private ProcessStartInfo Command(params string[] words) => new(
        "watchman", ["-U", _socket, "--no-spawn", "--no-local", "--no-pretty", .. words]);
}
