namespace Vigil.Watching;

/// <summary>What is asked of the names in a directory that is on the way to a root, not in the tree.</summary>
internal enum NamesAsked
{
    /// <summary>Nothing: only its own removal and renaming.</summary>
    None,

    /// <summary>Also which of them are removed.</summary>
    Removed,

    /// <summary>Also which are created, removed and renamed.</summary>
    All,
}
