namespace Vigil.Rings;

/// <summary>What a commit does besides: <c>zbq_commit_flags</c>. Unknown bits are ignored.</summary>
[Flags]
public enum RingCommitFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>After the commit the consumers are scanned.</summary>
    ForceScan = 1,
}
