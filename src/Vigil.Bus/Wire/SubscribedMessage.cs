using Vigil.Watching;

namespace Vigil.Bus.Wire;

/// <summary>The answer to a subscription; the ring follows.</summary>
internal sealed record SubscribedMessage
{
    /// <summary>Where the ring begins: after this change.</summary>
    internal ChangePosition Position { get; init; }

    /// <summary>Which subscriber this is, in marks.</summary>
    internal uint SubscriberId { get; init; }

    /// <summary>The root as the paths of the records have it.</summary>
    internal required byte[] Root { get; init; }

    internal required WatchNotice Notice { get; init; }

    internal static SubscribedMessage Read(ref MessageReader reader) => new()
    {
        Position = new ChangePosition(reader.ReadUInt64(), reader.ReadInt64()),
        SubscriberId = reader.ReadUInt32(),
        Root = reader.ReadBytes().ToArray(),
        Notice = new WatchNotice
        {
            Directories = (int)reader.ReadUInt32(),
            Entries = (int)reader.ReadUInt32(),
            Backend = (WatchBackend)reader.ReadUInt32(),
        },
    };

    internal byte[] Write() => new MessageWriter(MessageKind.Subscribed)
        .Write(Position.Epoch)
        .Write(Position.Number)
        .Write(SubscriberId)
        .Write(Root)
        .Write((uint)Notice.Directories)
        .Write((uint)Notice.Entries)
        .Write((uint)Notice.Backend)
        .ToArray();
}
