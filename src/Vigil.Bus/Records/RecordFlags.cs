namespace Vigil.Bus.Records;

/// <summary>Bits of a record.</summary>
[Flags]
internal enum RecordFlags : ushort
{
    None = 0,

    /// <summary>Tells what is there, not what happened.</summary>
    Initial = 1,

    /// <summary>An open descriptor comes with it.</summary>
    WithDescriptor = 2,

    /// <summary>A descriptor was asked for, and there is none; the record says why.</summary>
    WithoutDescriptor = 4,
}
