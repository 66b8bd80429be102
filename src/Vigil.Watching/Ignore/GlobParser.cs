using System.Text;

namespace Vigil.Watching;

/// <summary>Reads the glob of an ignore rule, slash by slash, into segments.</summary>
/// <remarks>
/// Git never says that a glob is wrong: it just never matches. Ignore files are read that way. What a person typed as
/// an option deserves better, so what cannot be meant is kept as a <see cref="Problem"/>: what, at which column, and
/// what to write instead.
/// </remarks>
internal ref struct GlobParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly GlobSegment.Builder _builder = new();
    private readonly List<GlobSegment> _segments = [];
    private readonly int _end;
    private int _at;
    private int _segmentStart;
    private bool _isBroken;

    /// <summary>A parser for <c>text[start..end]</c>; columns are counted from the start of the text.</summary>
    public GlobParser(ReadOnlySpan<byte> text, int start, int end)
    {
        _text = text;
        _at = start;
        _segmentStart = start;
        _end = end;
    }

    /// <summary>The first thing that is wrong with the glob, in words for the person who typed it, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Where the <see cref="Problem"/> is, counted in characters from 1; 0 where there is none.</summary>
    public int Column { get; private set; }

    /// <summary>The segments, or null if no name can match because the glob is broken.</summary>
    public GlobSegment[]? Parse()
    {
        while (_at < _end && !_isBroken)
        {
            ReadNext();
        }

        if (_isBroken)
        {
            return null;
        }

        EndSegment();
        return _segments.ToArray();
    }

    private void ReadNext()
    {
        byte value = _text[_at];
        switch (value)
        {
            case (byte)'*':
                ReadStars();
                break;
            case (byte)'?':
                _builder.AddAnyByte();
                _at++;
                break;
            case (byte)'[':
                ReadSet();
                break;
            case (byte)'/':
                EndSegment();
                _segmentStart = ++_at;
                break;
            case (byte)'\\':
                ReadEscaped();
                break;
            default:
                if (value == 0)
                {
                    Complain("a NUL byte, which no name can hold", _at);
                }

                _builder.AddByte(value);
                _at++;
                break;
        }
    }

    private void EndSegment()
    {
        GlobSegment segment = _builder.Build();
        if (segment.IsLiteral)
        {
            ReadOnlySpan<byte> name = segment.Literal;
            if (name.IsEmpty)
            {
                Complain("an empty name before or after a '/'; write one '/' between two names", _segmentStart);
            }
            else if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
            {
                Complain(
                    "a '.' or '..' matches nothing; paths start at the watched directory: build, not ./build",
                    _segmentStart);
            }
        }

        _segments.Add(segment);
    }

    /// <summary>One star, or several; between slashes several mean any number of directories.</summary>
    private void ReadStars()
    {
        int first = _at;
        while (_at < _end && _text[_at] == '*')
        {
            _at++;
        }

        bool isAtSlash = _at < _end && _text[_at] == '/';
        bool isAtEscapedSlash = _at + 1 < _end && _text[_at] == '\\' && _text[_at + 1] == '/';
        bool isWhole = first == _segmentStart && (_at == _end || isAtSlash || isAtEscapedSlash);
        if (_at - first < 2 || !isWhole)
        {
            _builder.AddStar();
            return;
        }

        if (_segments.Count == 0 || _segments[^1] != GlobSegment.AnyDepth)
        {
            _segments.Add(GlobSegment.AnyDepth);
        }

        if (isAtSlash)
        {
            _segmentStart = ++_at;
        }
        else
        {
            // "a/**" is what is inside a, not a itself, so one name has to be there. In git that also goes, by
            // accident, for an escaped slash after the stars.
            _builder.AddStar();
        }
    }

    private void ReadEscaped()
    {
        if (_at + 1 == _end)
        {
            Break("nothing follows the '\\'; write \\\\ for a backslash", _at);
            return;
        }

        byte value = _text[_at + 1];
        _at += 2;
        if (value == '/')
        {
            EndSegment();
            _segmentStart = _at;
        }
        else
        {
            _builder.AddByte(value);
        }
    }

    /// <summary>A bracket expression. A ']' that comes first is a member; so is a '-' that lacks a neighbour.</summary>
    private void ReadSet()
    {
        int open = _at++;
        bool isNegated = _at < _end && _text[_at] is (byte)'!' or (byte)'^';
        if (isNegated)
        {
            _at++;
        }

        var set = new ByteSet();
        int first = _at;
        int low = -1;       // The member before, if a '-' may follow it.
        while (_at < _end && (_text[_at] != ']' || _at == first))
        {
            if (_text[_at] == '-' && low >= 0 && _at + 1 < _end && _text[_at + 1] != ']')
            {
                _at++;
                AddRange(set, (byte)low);
                low = -1;
            }
            else if (_text[_at] == '[' && _at + 1 < _end && _text[_at + 1] == ':' && TryReadClass(set))
            {
                low = -1;
            }
            else
            {
                low = ReadMember();
                set.Add((byte)low);
            }

            if (_isBroken)
            {
                return;
            }
        }

        if (_at >= _end)
        {
            Break("a '[' is never closed; write \\[ for a bracket", open);
            return;
        }

        _at++;
        if (isNegated)
        {
            set.Invert();
        }

        _builder.AddSet(set);
    }

    private void AddRange(ByteSet set, byte low)
    {
        int start = _at - 2;
        byte high = ReadMember();
        if (_at < _end && high < low)
        {
            Complain("the range ends before it starts; write the lower end first, as in [a-z]", start);
        }

        set.AddRange(low, high);
    }

    /// <summary>One member of a set, escaped or not. If the text ends, the caller finds the set unclosed.</summary>
    private byte ReadMember()
    {
        if (_text[_at] == '\\')
        {
            _at++;
        }

        return _at < _end ? _text[_at++] : (byte)0;
    }

    /// <summary>Reads <c>[:alpha:]</c>; false if it is no class but a '[' that happens to stand before a ':'.</summary>
    private bool TryReadClass(ByteSet set)
    {
        int start = _at + 2;
        int length = _text[start.._end].IndexOf((byte)']');
        if (length < 0)
        {
            // Git looks for the ']' of the class, and without one gives up. The caller will find no ']' either.
            return false;
        }

        if (length == 0 || _text[start + length - 1] != ':')
        {
            return false;
        }

        ReadOnlySpan<byte> name = _text.Slice(start, length - 1);
        if (!set.TryAddClass(name))
        {
            Break($"unknown class [:{Encoding.UTF8.GetString(name)}:]; known are {ByteSet.ClassNames}", _at);
        }

        _at = start + length + 1;
        return true;
    }

    private void Break(string what, int offset)
    {
        _isBroken = true;
        Complain(what, offset);
    }

    /// <summary>Keeps the first problem. Columns count characters, as people do, not continuation bytes.</summary>
    private void Complain(string what, int offset)
    {
        if (Problem is not null)
        {
            return;
        }

        Column = 1;
        foreach (byte value in _text[..offset])
        {
            Column += (value & 0xC0) == 0x80 ? 0 : 1;
        }

        Problem = what;
    }
}
