namespace Vigil.Bus;

/// <summary>What one user has of a server, at one moment.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Connections">Its connections.</param>
/// <param name="Trees">Trees that it has watched; those of the server's own user are not counted.</param>
/// <param name="Directories">Directories in them.</param>
/// <param name="Feeds">Rings that were made for it; those of the server's own user are not counted.</param>
/// <param name="UnreceivedBytes">Memory that was sent to its processes and that they have not received.</param>
public sealed record BusUserStatus(
    long UserId, int Connections, int Trees, long Directories, int Feeds, long UnreceivedBytes);
