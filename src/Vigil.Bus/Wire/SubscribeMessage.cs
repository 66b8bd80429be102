using Vigil.Bus.Records;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Bus.Wire;

/// <summary>What a subscriber asks for, or who asks once for what came after a position.</summary>
internal sealed record SubscribeMessage
{
    /// <summary>The root: absolute, as bytes.</summary>
    internal required byte[] Root { get; init; }

    internal FileChangeKinds Kinds { get; init; } = FileChangeKinds.All;

    internal SubscribeFlags Flags { get; init; }

    internal ChangePosition Since { get; init; }

    internal IReadOnlyList<string> Include { get; init; } = [];

    internal IReadOnlyList<string> Exclude { get; init; } = [];

    internal static SubscribeMessage Read(ref MessageReader reader)
    {
        var message = new SubscribeMessage
        {
            Root = reader.ReadBytes().ToArray(),
            Kinds = (FileChangeKinds)reader.ReadUInt32() & FileChangeKinds.All,
            Flags = (SubscribeFlags)reader.ReadUInt32(),
            Since = new ChangePosition(reader.ReadUInt64(), reader.ReadInt64()),
            Include = reader.ReadTexts(Protocol.MaxGlobs),
            Exclude = reader.ReadTexts(Protocol.MaxGlobs),
        };
        if (message.Include.Concat(message.Exclude).Any(glob => glob.Length > Protocol.MaxGlobBytes))
        {
            throw new BusException(BusProblem.Protocol, $"a glob has more than {Protocol.MaxGlobBytes} bytes");
        }

        int deep = message.Include.Concat(message.Exclude).Sum(SieveRules.CountDeep);
        return deep <= Protocol.MaxDeepGlobs
            ? message
            : throw new BusException(
                BusProblem.Protocol, $"there are {deep} '**' in its globs, and there may be {Protocol.MaxDeepGlobs}");
    }

    internal byte[] Write(MessageKind kind)
    {
        if (Root.Length > Protocol.MaxRootBytes)
        {
            throw new BusException(
                BusProblem.Unwatchable, $"{PathText.FromBytes(Root)}: longer than a path may be");
        }

        byte[] bytes = new MessageWriter(kind)
            .Write(Root)
            .Write((uint)Kinds)
            .Write((uint)Flags)
            .Write(Since.Epoch)
            .Write(Since.Number)
            .Write(Include)
            .Write(Exclude)
            .ToArray();
        return bytes.Length <= Protocol.MaxMessageBytes
            ? bytes
            : throw new ArgumentException(
                $"The globs are longer than the {Protocol.MaxMessageBytes} bytes that a subscription may have.");
    }
}
