using System.Runtime.InteropServices;

namespace Vigil.Watching;

/// <summary>A compiled glob for one name, or the <c>**</c> that stands for any number of them. Immutable.</summary>
/// <remarks>
/// Implementation notes. Most globs are a name, <c>*.ext</c> or <c>prefix*</c>, so the literal bytes at both ends are
/// cut off and compared as spans; only what is left between them runs through the step loop. That loop remembers the
/// last <c>*</c> alone: all that comes before it is matched as early as possible, which leaves the most room for what
/// comes after, so no earlier star ever has to be tried again. That bounds a match by pattern length times name length.
/// </remarks>
internal sealed class GlobSegment
{
    // A step below AnyByte is the byte itself; one above Star is a set, by its index.
    private const int AnyByte = 256;
    private const int Star = 257;
    private const int FirstSet = 258;

    private readonly byte[] _head;
    private readonly byte[] _tail;
    private readonly int[] _middle;
    private readonly ByteSet[] _sets;

    private GlobSegment(ReadOnlySpan<int> steps, ByteSet[] sets)
    {
        int headLength = 0;
        while (headLength < steps.Length && steps[headLength] < AnyByte)
        {
            headLength++;
        }

        int tailStart = steps.Length;
        while (tailStart > headLength && steps[tailStart - 1] < AnyByte)
        {
            tailStart--;
        }

        _head = ToBytes(steps[..headLength]);
        _middle = steps[headLength..tailStart].ToArray();
        _tail = ToBytes(steps[tailStart..]);
        _sets = sets;
    }

    /// <summary>The <c>**</c> between slashes: any number of names, also none.</summary>
    public static GlobSegment AnyDepth { get; } = new([Star], []);

    /// <summary>The glob <c>*</c>: any one name.</summary>
    public static GlobSegment AnyName { get; } = new([Star], []);

    /// <summary>True if only one name matches; it is then <see cref="Literal"/>.</summary>
    public bool IsLiteral => _middle.Length == 0;

    /// <summary>The bytes that a name has to start with; all of them if <see cref="IsLiteral"/>.</summary>
    public ReadOnlySpan<byte> Literal => _head;

    /// <summary>Says whether the glob takes the whole of one name, which holds no slash.</summary>
    public bool Matches(ReadOnlySpan<byte> name)
    {
        if (IsLiteral)
        {
            return name.SequenceEqual(_head);
        }

        if (name.Length < _head.Length + _tail.Length || !name.StartsWith(_head) || !name.EndsWith(_tail))
        {
            return false;
        }

        return (_middle.Length == 1 && _middle[0] == Star) || MatchesMiddle(name[_head.Length..^_tail.Length]);
    }

    private bool MatchesMiddle(ReadOnlySpan<byte> name)
    {
        int[] steps = _middle;
        int step = 0;
        int at = 0;
        int afterStar = -1;
        int starEnd = 0;
        while (at < name.Length)
        {
            if (step < steps.Length && steps[step] == Star)
            {
                afterStar = ++step;
                starEnd = at;
            }
            else if (step < steps.Length && Accepts(steps[step], name[at]))
            {
                step++;
                at++;
            }
            else if (afterStar >= 0)
            {
                // Dead end: the last star takes one byte more, and what follows it starts anew.
                step = afterStar;
                at = ++starEnd;
            }
            else
            {
                return false;
            }
        }

        // A run of stars is one step, so at most one star can be left to match nothing.
        return step == steps.Length || (step == steps.Length - 1 && steps[step] == Star);
    }

    private bool Accepts(int step, byte value) => step switch
    {
        < AnyByte => step == value,
        AnyByte => true,
        _ => _sets[step - FirstSet].Contains(value),
    };

    private static byte[] ToBytes(ReadOnlySpan<int> literals)
    {
        byte[] bytes = new byte[literals.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)literals[i];
        }

        return bytes;
    }

    /// <summary>Collects the steps of one segment, left to right.</summary>
    internal sealed class Builder
    {
        private readonly List<int> _steps = [];
        private readonly List<ByteSet> _sets = [];

        public bool IsEmpty => _steps.Count == 0;

        public void AddByte(byte value) => _steps.Add(value);

        public void AddAnyByte() => _steps.Add(AnyByte);

        public void AddSet(ByteSet set)
        {
            _steps.Add(FirstSet + _sets.Count);
            _sets.Add(set);
        }

        /// <summary>Adds a star, unless the step before is one: two in a row say the same as one.</summary>
        public void AddStar()
        {
            if (IsEmpty || _steps[^1] != Star)
            {
                _steps.Add(Star);
            }
        }

        /// <summary>Compiles what was collected, and starts the next segment.</summary>
        public GlobSegment Build()
        {
            var segment = new GlobSegment(CollectionsMarshal.AsSpan(_steps), _sets.ToArray());
            _steps.Clear();
            _sets.Clear();
            return segment;
        }
    }
}
