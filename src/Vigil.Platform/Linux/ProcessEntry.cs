namespace Vigil.Platform.Linux;

/// <summary>A process as /proc showed it at one moment: proc_pid_stat(5).</summary>
/// <param name="Id">Its number.</param>
/// <param name="ParentId">The number of its parent.</param>
/// <param name="GroupId">The id of its process group.</param>
/// <param name="IsZombie">Whether it has ended, and nobody has waited for it yet.</param>
public readonly record struct ProcessEntry(int Id, int ParentId, int GroupId, bool IsZombie);
