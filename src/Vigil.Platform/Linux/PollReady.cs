namespace Vigil.Platform.Linux;

/// <summary>Which handles of a <see cref="Poll.Wait"/> are ready.</summary>
[Flags]
public enum PollReady
{
    /// <summary>None: the time is over, or a signal came.</summary>
    None = 0,

    /// <summary>The first handle is readable.</summary>
    First = 1,

    /// <summary>The second handle is readable.</summary>
    Second = 2,

    /// <summary>The third has something exceptional to tell.</summary>
    Priority = 4,
}
