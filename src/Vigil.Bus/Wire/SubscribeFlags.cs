namespace Vigil.Bus.Wire;

/// <summary>What else a subscriber wants.</summary>
[Flags]
internal enum SubscribeFlags : uint
{
    None = 0,

    /// <summary>All that is there, first.</summary>
    Initial = 1,

    /// <summary>Open descriptors with what is created and closed.</summary>
    Descriptors = 2,

    /// <summary>To go on from a position.</summary>
    Since = 4,
}
