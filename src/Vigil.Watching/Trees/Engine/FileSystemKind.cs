namespace Vigil.Watching;

/// <summary>What can be expected of a file system's change events.</summary>
internal enum FileSystemKind
{
    /// <summary>Not known: a test tells.</summary>
    Unknown,

    /// <summary>Every change is made here and gives an event.</summary>
    Local,

    /// <summary>Changes made here give events, those made on other machines, or by a server process, do not.</summary>
    Remote,

    /// <summary>The kernel makes its contents up; there are no events of it.</summary>
    Pseudo,
}
