using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>The words of the contract for kinds, types and backends.</summary>
internal static class KindNames
{
    /// <summary>The kinds that <c>--events</c> takes.</summary>
    public static readonly string[] Selectable = ["created", "modified", "closed", "metadata", "deleted", "renamed"];

    /// <summary>What the watcher says about itself, whatever was selected.</summary>
    public static readonly string[] AlwaysTold = ["ready", "overflowed", "rescanned", "degraded", "gone", "fresh"];

    /// <summary>The word of a kind.</summary>
    public static ReadOnlySpan<byte> Of(FileChangeKind kind) => kind switch
    {
        FileChangeKind.Created => "created"u8,
        FileChangeKind.Modified => "modified"u8,
        FileChangeKind.Closed => "closed"u8,
        FileChangeKind.Metadata => "metadata"u8,
        FileChangeKind.Deleted => "deleted"u8,
        FileChangeKind.Renamed => "renamed"u8,
        FileChangeKind.Ready => "ready"u8,
        FileChangeKind.Overflowed => "overflowed"u8,
        FileChangeKind.Rescanned => "rescanned"u8,
        FileChangeKind.Degraded => "degraded"u8,
        FileChangeKind.Fresh => "fresh"u8,
        _ => "gone"u8,
    };

    /// <summary>The word of a type; empty where it is not known.</summary>
    public static ReadOnlySpan<byte> Of(EntryType type) => type switch
    {
        EntryType.File => "file"u8,
        EntryType.Directory => "directory"u8,
        EntryType.Symlink => "symlink"u8,
        EntryType.Other => "other"u8,
        _ => [],
    };

    /// <summary>The word of a backend.</summary>
    public static string Of(WatchBackend backend) => backend switch
    {
        WatchBackend.Inotify => "inotify",
        WatchBackend.Fanotify => "fanotify",
        WatchBackend.Poll => "poll",
        _ => "auto",
    };
}
