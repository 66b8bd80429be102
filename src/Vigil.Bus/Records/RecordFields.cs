using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Bus.Records;

/// <summary>The fixed part of a record.</summary>
internal readonly struct RecordFields
{
    /// <summary>Not a change of a file: where the stream is, and the answer to a sync.</summary>
    internal const byte Mark = 64;

    internal byte Kind { get; init; }

    internal EntryType Type { get; init; }

    internal RecordFlags Flags { get; init; }

    internal Failure Failure { get; init; }

    internal long Number { get; init; }

    internal long TimeMicroseconds { get; init; }

    /// <summary>
    /// By kind. Created and closed: which file it is. Moved, replaced and renamed: the number of the first record of
    /// their group, 0 for a rename alone. Degraded: microseconds between comparisons. Mark: whose sync it answers.
    /// </summary>
    internal ulong Extra { get; init; }

    internal FileChangeKind ChangeKind => (FileChangeKind)Kind;
}
