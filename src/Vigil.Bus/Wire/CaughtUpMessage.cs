using Vigil.Bus.Trees;
using Vigil.Watching;

namespace Vigil.Bus.Wire;

/// <summary>How to get to now; the records come with it, as the descriptor of sealed memory.</summary>
internal sealed record CaughtUpMessage
{
    internal CatchUpMode Mode { get; init; }

    /// <summary>The position after the records.</summary>
    internal ChangePosition Position { get; init; }

    /// <summary>How many bytes of records there are; with 0 no descriptor comes.</summary>
    internal long LengthBytes { get; init; }

    /// <summary>The root as the paths of the records have it.</summary>
    internal required byte[] Root { get; init; }

    internal static CaughtUpMessage Read(ref MessageReader reader) => new()
    {
        Mode = (CatchUpMode)reader.ReadUInt32(),
        Position = new ChangePosition(reader.ReadUInt64(), reader.ReadInt64()),
        LengthBytes = reader.ReadInt64(),
        Root = reader.ReadBytes().ToArray(),
    };

    internal byte[] Write() => new MessageWriter(MessageKind.CaughtUp)
        .Write((uint)Mode)
        .Write(Position.Epoch)
        .Write(Position.Number)
        .Write(LengthBytes)
        .Write(Root)
        .ToArray();
}
