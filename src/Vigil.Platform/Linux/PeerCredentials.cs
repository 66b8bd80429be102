namespace Vigil.Platform.Linux;

/// <summary>Who is at the other end of a socket: struct ucred of unix(7).</summary>
/// <param name="ProcessId">Its process, as this process's pid namespace counts; 0 if it is not visible from
/// here.</param>
/// <param name="UserId">Its effective user.</param>
/// <param name="GroupId">Its effective group.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId);
