using System.Text.Json;
using Vigil.Bus.Wire;

namespace Vigil.Bus;

/// <summary>A server at one moment.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="SocketPath">Where it listens.</param>
/// <param name="UptimeSeconds">How long it has served.</param>
/// <param name="Connections">How many connections there are.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="Watches">Kernel watches of all its trees; directories that two trees have in common count once for
/// each.</param>
/// <param name="MaxWatches">How many this user may have (fs.inotify.max_user_watches).</param>
/// <param name="MemoryBytes">Memory that its process has in use: resident, the rings included.</param>
/// <param name="HeapBytes">Memory of that which is the runtime's heap.</param>
/// <param name="Trees">The trees that are watched.</param>
/// <param name="Users">What each user has of it.</param>
/// <param name="UnreceivedBytes">Memory that was sent to processes and that they have not received.</param>
public sealed record BusStatus(
    int ProcessId,
    string SocketPath,
    double UptimeSeconds,
    int Connections,
    long Refused,
    long Watches,
    long MaxWatches,
    long MemoryBytes,
    long HeapBytes,
    IReadOnlyList<BusTreeStatus> Trees,
    IReadOnlyList<BusUserStatus> Users,
    long UnreceivedBytes)
{
    /// <summary>All of it as one JSON object on one line.</summary>
    /// <returns>The text.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, BusStatusContext.Default.BusStatus);
}
