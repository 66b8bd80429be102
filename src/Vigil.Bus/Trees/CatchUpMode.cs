namespace Vigil.Bus.Trees;

/// <summary>How a subscriber gets from what it knows to now.</summary>
internal enum CatchUpMode : uint
{
    /// <summary>It wants what comes from now on.</summary>
    Live = 0,

    /// <summary>By the changes since its position.</summary>
    History = 1,

    /// <summary>It asked for all that is there.</summary>
    State = 2,

    /// <summary>By all that is there, because the changes since its position are not kept.</summary>
    Fresh = 3,
}
