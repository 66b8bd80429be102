namespace Vigil.Watching;

/// <summary>What one read of the kernel's queue gave: raw bytes in a rented array, on their way to an engine.</summary>
/// <param name="Buffer">The array, rented; empty for a mere mark.</param>
/// <param name="Length">The bytes in it.</param>
/// <param name="EmptyAt">If not 0: every event queued before this moment is in this portion or an earlier one.</param>
/// <param name="MountsChanged">Whether something was mounted or unmounted.</param>
internal readonly record struct EventPortion(
    byte[] Buffer, int Length, long EmptyAt, bool MountsChanged);
