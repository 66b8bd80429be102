namespace Vigil.Platform.Linux;

/// <summary>What became of a child process.</summary>
public enum ChildState
{
    /// <summary>It ended by itself; the value is its exit status.</summary>
    Exited = 1,

    /// <summary>A signal ended it; the value is the signal.</summary>
    Killed = 2,

    /// <summary>A signal has stopped it; the value is the signal.</summary>
    Stopped = 5,
}
