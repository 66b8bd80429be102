namespace Vigil.Watching;

/// <summary>The bytes that one bracket expression of a glob accepts.</summary>
/// <remarks>
/// Git compares bytes, not characters: <c>[é]</c> is a set of two bytes, and takes one. Names on Linux are bytes, so
/// this is also the only reading that gives every name an answer.
/// </remarks>
internal sealed class ByteSet
{
    /// <summary>The classes, for who typed another one.</summary>
    public const string ClassNames =
        "alnum, alpha, blank, cntrl, digit, graph, lower, print, punct, space, upper, xdigit";

    private readonly ulong[] _words = new ulong[4];

    public bool Contains(byte value) => ((_words[value >> 6] >> (value & 63)) & 1) != 0;

    public void Add(byte value) => _words[value >> 6] |= 1UL << (value & 63);

    public void AddRange(byte first, byte last)
    {
        for (int value = first; value <= last; value++)
        {
            Add((byte)value);
        }
    }

    public void Invert()
    {
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] = ~_words[i];
        }
    }

    /// <summary>
    /// Adds the members of a POSIX class, <c>alpha</c> for <c>[:alpha:]</c>; false if there is no class of that name.
    /// </summary>
    /// <remarks>
    /// The classes hold ASCII only, whatever the locale, and <c>space</c> lacks vertical tab and form feed, as in git.
    /// </remarks>
    public bool TryAddClass(ReadOnlySpan<byte> name)
    {
        if (ClassOf(name) is not { } isMember)
        {
            return false;
        }

        for (int value = 0; value < 128; value++)
        {
            if (isMember((char)value))
            {
                Add((byte)value);
            }
        }

        return true;
    }

    private static Func<char, bool>? ClassOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("alnum"u8)) { return char.IsAsciiLetterOrDigit; }
        if (name.SequenceEqual("alpha"u8)) { return char.IsAsciiLetter; }
        if (name.SequenceEqual("blank"u8)) { return static c => c is ' ' or '\t'; }
        if (name.SequenceEqual("cntrl"u8)) { return char.IsControl; }
        if (name.SequenceEqual("digit"u8)) { return char.IsAsciiDigit; }
        if (name.SequenceEqual("graph"u8)) { return static c => c is > ' ' and <= '~'; }
        if (name.SequenceEqual("lower"u8)) { return char.IsAsciiLetterLower; }
        if (name.SequenceEqual("print"u8)) { return static c => c is >= ' ' and <= '~'; }
        if (name.SequenceEqual("punct"u8)) { return IsPunctuation; }
        if (name.SequenceEqual("space"u8)) { return static c => c is ' ' or '\t' or '\n' or '\r'; }
        if (name.SequenceEqual("upper"u8)) { return char.IsAsciiLetterUpper; }
        if (name.SequenceEqual("xdigit"u8)) { return char.IsAsciiHexDigit; }
        return null;
    }

    private static bool IsPunctuation(char value) => value is > ' ' and <= '~' && !char.IsAsciiLetterOrDigit(value);
}
