namespace Vigil.Platform.Linux;

/// <summary>What became of one child process.</summary>
/// <param name="ProcessId">Which one. Where it has ended, the number may be another process's from now on.</param>
/// <param name="State">What happened.</param>
/// <param name="Value">Its exit status, or the signal.</param>
public readonly record struct ChildReport(int ProcessId, ChildState State, int Value);
