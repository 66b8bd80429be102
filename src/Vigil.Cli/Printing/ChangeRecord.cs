using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>One change as the printers see it: views of its bytes, wherever they lie.</summary>
internal readonly ref struct ChangeRecord
{
    public ChangeRecord()
    {
    }

    /// <summary>A view of a change.</summary>
    /// <param name="change">The change.</param>
    public ChangeRecord(in FileChange change)
    {
        Kind = change.Kind;
        Type = change.Type;
        IsInitial = change.IsInitial;
        Sequence = change.Sequence;
        TimeTicks = change.Time.UtcTicks;
        Path = change.PathBytes;
        OldPath = change.OldPathBytes;
        Notice = change.Notice;
        Position = change.Position;
        Handle = change.Handle;
        HandleFailure = change.HandleFailure;
    }

    public FileChangeKind Kind { get; init; }

    public EntryType Type { get; init; }

    public bool IsInitial { get; init; }

    public long Sequence { get; init; }

    public long TimeTicks { get; init; }

    public ReadOnlySpan<byte> Path { get; init; }

    public ReadOnlySpan<byte> OldPath { get; init; }

    public WatchNotice? Notice { get; init; }

    public ChangePosition Position { get; init; }

    public SafeFileHandle? Handle { get; init; }

    public Failure HandleFailure { get; init; }

    /// <summary>Whether this is a change of the tree, and not what the watcher says about itself.</summary>
    public bool IsChange => Kind < FileChangeKind.Ready;
}
