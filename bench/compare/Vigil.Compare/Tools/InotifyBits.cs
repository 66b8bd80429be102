namespace Vigil.Compare.Tools;

/// <summary>The bits of inotify(7), as the kernel spells them.</summary>
internal static class InotifyBits
{
    public const uint IN_MODIFY = 0x2;
    public const uint IN_ATTRIB = 0x4;
    public const uint IN_CLOSE_WRITE = 0x8;
    public const uint IN_OPEN = 0x20;
    public const uint IN_MOVED_FROM = 0x40;
    public const uint IN_MOVED_TO = 0x80;
    public const uint IN_CREATE = 0x100;
    public const uint IN_DELETE = 0x200;
    public const uint IN_Q_OVERFLOW = 0x4000;
    public const uint IN_ISDIR = 0x40000000;

    public static ObservedKind KindOf(uint mask) => (mask & ~IN_ISDIR) switch
    {
        IN_MODIFY => ObservedKind.Modified,
        IN_ATTRIB => ObservedKind.Metadata,
        IN_CLOSE_WRITE => ObservedKind.Closed,
        IN_MOVED_FROM => ObservedKind.MovedFrom,
        IN_MOVED_TO => ObservedKind.MovedTo,
        IN_CREATE => ObservedKind.Created,
        IN_DELETE => ObservedKind.Deleted,
        IN_Q_OVERFLOW => ObservedKind.Overflowed,
        _ => ObservedKind.Other,
    };
}
