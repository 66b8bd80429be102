namespace Vigil;

/// <summary>What a name in a directory stands for.</summary>
public enum EntryType : byte
{
    /// <summary>Not known (yet), or it was gone before it could be looked at.</summary>
    Unknown = 0,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link; never followed inside a tree.</summary>
    Symlink,

    /// <summary>A FIFO, a socket or a device.</summary>
    Other,
}
