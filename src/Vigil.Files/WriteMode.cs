namespace Vigil.IO;

/// <summary>How a whole file is written.</summary>
public enum WriteMode
{
    /// <summary>
    /// Over what is there, and cut where that was longer. The fastest; who reads meanwhile, or after a crash, may find
    /// a part of the old and a part of the new content.
    /// </summary>
    InPlace = 0,

    /// <summary>
    /// The file is emptied first. Who reads meanwhile, or after a crash, may find it empty or a part of the new
    /// content.
    /// </summary>
    Truncate,

    /// <summary>
    /// Into another file of the same directory, which then takes the name: who reads finds the old or the new content,
    /// each whole, also after a crash. When the write has ended the new one is on the disk.
    /// </summary>
    Atomic,
}
