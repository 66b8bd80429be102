namespace Vigil.Compare.Ring;

/// <summary>The peers of a run, ours first, and those that had to be left out.</summary>
internal sealed class RingPeers
{
    public RingPeers(Settings settings)
    {
        string dotnet = Path.Combine(settings.RepositoryRoot, "artifacts/bin/RingPeer/release/RingPeer");
        string native = Path.Combine(settings.NativeTools, "ring");
        string transport = Path.Combine(native, "transport");
        RingPeer[] all =
        [
            new("facade", ".NET, Reserve and Commit", dotnet, "facade"),
            new("write", ".NET, TryWrite", dotnet, "write"),
            new("raw", ".NET, raw", dotnet, "raw"),
            new(RingPeer.MeasureKey, "C", Path.Combine(native, "ring")),
            new("pipe", "pipe", transport, "pipe"),
            new("stream", "Unix socket, stream", transport, "stream"),
            new("seqpacket", "Unix socket, packets", transport, "seqpacket"),
            new("channel", "Channels, one process", dotnet, "channel"),
            new("libzbq", "libzbq.so, from C", Path.Combine(native, "exports")),
        ];
        foreach (string key in settings.Tools)
        {
            if (!all.Any(peer => peer.Key == key))
            {
                string known = string.Join(", ", all.Select(peer => peer.Key));
                throw new ArgumentException($"no peer is called {key}; there are: {known}");
            }
        }

        RingPeer[] wanted = [.. all.Where(peer => settings.Tools.Count == 0 || settings.Tools.Contains(peer.Key))];
        All = [.. wanted.Where(IsHere)];
        Missing = [.. wanted.Except(All).Select(peer => peer.Title)];

        bool IsHere(RingPeer peer) =>
            File.Exists(peer.Program) && (peer.Key != "libzbq" || File.Exists(settings.ZbqPath));
    }

    public IReadOnlyList<RingPeer> All { get; }

    public IReadOnlyList<string> Missing { get; }

    public string TitleOf(string key) => All.Single(peer => peer.Key == key).Title;
}
