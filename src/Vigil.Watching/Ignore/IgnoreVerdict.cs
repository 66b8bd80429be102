namespace Vigil.Watching;

/// <summary>What a list of ignore rules has to say about one path.</summary>
internal enum IgnoreVerdict
{
    /// <summary>No pattern matched: an outer list may still decide.</summary>
    None,

    /// <summary>The last pattern that matched was a plain one.</summary>
    Ignored,

    /// <summary>The last pattern that matched was a negated one, <c>!pattern</c>.</summary>
    Included,
}
