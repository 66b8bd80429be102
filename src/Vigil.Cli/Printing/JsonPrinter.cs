using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>JSON Lines: one object a line, with the fields of docs/command.md in their order.</summary>
internal sealed class JsonPrinter(DisplayedPath paths) : IChangePrinter
{
    // The names of all fields, the numbers, the time and the words.
    private const int FixedBytes = 512;
    private readonly Timestamp _timestamp = new();

    public bool PrintsNotices => true;

    public void Print(in ChangeRecord change, Output output)
    {
        ReadOnlySpan<byte> path = paths.Of(change.Path);
        ReadOnlySpan<byte> oldPath = paths.Of(change.OldPath);
        byte[]? reason = change.Notice?.Reason is { } text ? System.Text.Encoding.UTF8.GetBytes(text) : null;
        int nameBytes = path.Length + oldPath.Length;
        int maxBytes = FixedBytes + ByteWriter.EscapedBytes(nameBytes + (reason?.Length ?? 0))
            + ByteWriter.Base64Bytes(path.Length) + ByteWriter.Base64Bytes(oldPath.Length);
        ByteWriter writer = output.Begin(maxBytes);
        writer.Write("{\"kind\":\""u8);
        writer.Write(KindNames.Of(change.Kind));
        if (!path.IsEmpty)
        {
            WritePath(ref writer, "\",\"path\":\""u8, "\",\"pathBytes\":\""u8, path);
        }

        if (!oldPath.IsEmpty)
        {
            WritePath(ref writer, "\",\"oldPath\":\""u8, "\",\"oldPathBytes\":\""u8, oldPath);
        }

        ReadOnlySpan<byte> type = change.IsChange ? KindNames.Of(change.Type) : [];
        if (!type.IsEmpty)
        {
            writer.Write("\",\"type\":\""u8);
            writer.Write(type);
        }

        writer.Write("\",\"seq\":"u8);
        writer.WriteNumber(change.Sequence);
        writer.Write(",\"time\":\""u8);
        _timestamp.Write(ref writer, change.TimeTicks);
        writer.Write((byte)'"');
        if (change.IsInitial)
        {
            writer.Write(",\"initial\":true"u8);
        }

        if (!change.Position.IsNone)
        {
            writer.Write(",\"position\":\""u8);
            writer.WriteAscii(change.Position.ToString());
            writer.Write((byte)'"');
        }

        WriteFile(ref writer, change);
        if (change.Notice is { } notice)
        {
            WriteNotice(ref writer, change.Kind, notice, reason);
        }

        writer.Write("}\n"u8);
        output.End(writer);
    }

    private static void WritePath(
        ref ByteWriter writer, ReadOnlySpan<byte> field, ReadOnlySpan<byte> bytesField, ReadOnlySpan<byte> path)
    {
        writer.Write(field);
        if (!writer.WriteJsonText(path))
        {
            writer.Write(bytesField);
            writer.WriteBase64(path);
        }
    }

    // The file that came with the change, or why there is none.
    private static void WriteFile(ref ByteWriter writer, in ChangeRecord change)
    {
        if (change.Handle is { } file)
        {
            _ = Stat.TryGet(file, out FileStatus status);
            writer.Write(",\"fd\":{\"size\":"u8);
            writer.WriteNumber(status.SizeBytes);
            writer.Write(",\"inode\":"u8);
            writer.WriteNumber((long)status.Inode);
            writer.Write((byte)'}');
        }
        else if (change.HandleFailure != Failure.None)
        {
            writer.Write(",\"fd\":null,\"fdReason\":\""u8);
            writer.WriteAscii(change.HandleFailure switch
            {
                Failure.NotFound => "gone",
                Failure.AccessDenied => "denied",
                Failure.TooManyOpen or Failure.TimedOut => "missed",
                _ => "unavailable",
            });
            writer.Write((byte)'"');
        }
    }

    private static void WriteNotice(ref ByteWriter writer, FileChangeKind kind, WatchNotice notice, byte[]? reason)
    {
        if (kind == FileChangeKind.Ready)
        {
            writer.Write(",\"directories\":"u8);
            writer.WriteNumber(notice.Directories);
            writer.Write(",\"entries\":"u8);
            writer.WriteNumber(notice.Entries);
            writer.Write(",\"elapsedMs\":"u8);
            writer.WriteNumber((long)Math.Ceiling(notice.Elapsed.TotalMilliseconds));
            writer.Write(",\"backend\":\""u8);
            writer.WriteAscii(KindNames.Of(notice.Backend));
            writer.Write((byte)'"');
        }

        if (reason is not null)
        {
            writer.Write(",\"reason\":\""u8);
            _ = writer.WriteJsonText(reason);
            writer.Write((byte)'"');
        }

        if (notice.PollInterval > TimeSpan.Zero)
        {
            writer.Write(",\"pollMs\":"u8);
            writer.WriteNumber((long)Math.Ceiling(notice.PollInterval.TotalMilliseconds));
        }
    }
}
