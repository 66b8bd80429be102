namespace Vigil.Platform.Linux;

/// <summary>A word to sleep on, and the value it has while one sleeps.</summary>
/// <param name="word">The word, aligned to 4 bytes, in memory that stays mapped while it is waited for.</param>
/// <param name="expected">Its value.</param>
public readonly unsafe struct FutexWord(uint* word, uint expected)
{
    /// <summary>The word.</summary>
    public uint* Word { get; } = word;

    /// <summary>Its value.</summary>
    public uint Expected { get; } = expected;
}
