namespace Vigil.Watching;

/// <summary>One compiled pattern of gitignore(5). Immutable; a match allocates nothing.</summary>
/// <remarks>
/// Implementation notes. A pattern without a slash looks at the last name of a path only. The others are matched name
/// by name from the base, and <c>**</c> is to names what <c>*</c> is to bytes: every other segment takes exactly one
/// name, so taking the earliest match after each <c>**</c> is safe, and only the last <c>**</c> is ever tried again. A
/// match costs at most the length of the path times the length of the pattern.
/// </remarks>
internal sealed class IgnorePattern
{
    // Exactly one of the three is set.
    private readonly GlobSegment? _name;
    private readonly GlobSegment[]? _segments;
    private readonly byte[]? _path;

    private IgnorePattern(GlobSegment[] segments, bool isAnchored, bool isNegated, bool isDirectoryOnly)
    {
        IsNegated = isNegated;
        IsDirectoryOnly = isDirectoryOnly;
        if (!isAnchored)
        {
            _name = segments[^1];
        }
        else if (segments.Length == 2 && segments[0] == GlobSegment.AnyDepth)
        {
            // "**/name" is "name", and a usual way to write it.
            _name = segments[1];
        }
        else if (Array.TrueForAll(segments, static segment => segment.IsLiteral))
        {
            _path = Join(segments);
        }
        else
        {
            _segments = segments;
        }
    }

    /// <summary>True for <c>!pattern</c>: what it matches is not ignored after all.</summary>
    public bool IsNegated { get; }

    /// <summary>True for <c>pattern/</c>.</summary>
    public bool IsDirectoryOnly { get; }

    /// <summary>Compiles one line of an ignore file, without its line feed; null if the line can never match.</summary>
    public static IgnorePattern? FromLine(ReadOnlySpan<byte> line)
    {
        if (line is [.., (byte)'\r'])
        {
            line = line[..^1];
        }

        int nul = line.IndexOf((byte)0);
        if (nul >= 0)
        {
            // Git's lines are C strings. No name holds a NUL, so the rest could not match anyway.
            line = line[..nul];
        }

        return line is [] or [(byte)'#', ..] ? null : Parse(TrimTrailingSpaces(line), out _, out _);
    }

    /// <summary>
    /// Compiles a glob that stands alone, such as the value of an option: nothing is trimmed, and <c>#</c> starts no
    /// comment (so <c>#*#</c> is the backup files of an editor), as with <c>git ls-files --exclude</c>.
    /// </summary>
    /// <param name="glob">The glob, in UTF-8.</param>
    /// <param name="problem">What is wrong with it, to follow a colon, or null.</param>
    /// <param name="column">Where, counted in characters from 1; 0 where it is about the whole or nothing.</param>
    /// <returns>The pattern, or null if it can never match.</returns>
    public static IgnorePattern? Parse(ReadOnlySpan<byte> glob, out string? problem, out int column)
    {
        bool isNegated = glob is [(byte)'!', ..];
        int start = isNegated ? 1 : 0;
        int end = glob.Length;
        bool isDirectoryOnly = end > start && glob[end - 1] == '/';
        if (isDirectoryOnly)
        {
            end--;
        }

        bool isAnchored = glob[start..end].Contains((byte)'/');
        if (isAnchored && glob[start] == '/')
        {
            start++;
        }

        if (start == end)
        {
            problem = "it names nothing";
            column = 0;
            return null;
        }

        var parser = new GlobParser(glob, start, end);
        GlobSegment[]? segments = parser.Parse();
        problem = parser.Problem;
        column = parser.Column;
        return segments is null ? null : new IgnorePattern(segments, isAnchored, isNegated, isDirectoryOnly);
    }

    /// <summary>Says whether the pattern matches a path.</summary>
    /// <param name="path">The path, relative to the directory of the pattern.</param>
    /// <param name="name">The last name of the path.</param>
    /// <param name="isDirectory">True if a directory is there; a symbolic link to one is none.</param>
    public bool Matches(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, bool isDirectory)
    {
        if (IsDirectoryOnly && !isDirectory)
        {
            return false;
        }

        if (_name is not null)
        {
            return _name.Matches(name);
        }

        return _path is not null ? path.SequenceEqual(_path) : MatchesSegments(path);
    }

    private bool MatchesSegments(ReadOnlySpan<byte> path)
    {
        GlobSegment[] segments = _segments!;
        int segment = 0;
        int at = 0;                     // Where the next name starts; behind the end once all have been taken.
        int afterAnyDepth = -1;
        int anyDepthEnd = 0;
        while (at <= path.Length)
        {
            if (segment < segments.Length && segments[segment] == GlobSegment.AnyDepth)
            {
                afterAnyDepth = ++segment;
                anyDepthEnd = at;
                continue;
            }

            int nameEnd = EndOfName(path, at);
            if (segment < segments.Length && segments[segment].Matches(path[at..nameEnd]))
            {
                segment++;
                at = nameEnd + 1;
            }
            else if (afterAnyDepth >= 0)
            {
                // Dead end: the last "**" takes one name more, and what follows it starts anew.
                segment = afterAnyDepth;
                at = anyDepthEnd = EndOfName(path, anyDepthEnd) + 1;
            }
            else
            {
                return false;
            }
        }

        return segment == segments.Length;
    }

    private static int EndOfName(ReadOnlySpan<byte> path, int start)
    {
        int length = path[start..].IndexOf((byte)'/');
        return length < 0 ? path.Length : start + length;
    }

    /// <summary>Spaces at the end of a line do not count, unless a backslash stands before them.</summary>
    private static ReadOnlySpan<byte> TrimTrailingSpaces(ReadOnlySpan<byte> line)
    {
        int end = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
            {
                i++;
                end = Math.Min(i + 1, line.Length);
            }
            else if (line[i] != ' ')
            {
                end = i + 1;
            }
        }

        return line[..end];
    }

    private static byte[] Join(GlobSegment[] segments)
    {
        var path = new List<byte>();
        foreach (GlobSegment segment in segments)
        {
            path.AddRange(segment.Literal);
            path.Add((byte)'/');
        }

        path.RemoveAt(path.Count - 1);
        return path.ToArray();
    }
}
