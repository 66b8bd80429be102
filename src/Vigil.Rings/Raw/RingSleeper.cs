namespace Vigil.Rings;

/// <summary>A consumer that may sleep, as a commit looks at it: few steps away, because that is done every
/// time.</summary>
internal readonly unsafe struct RingSleeper
{
    internal RingSleeper(RingSlot slot)
    {
        Slot = slot;
        Waiting = &slot.Page->Waiting;
    }

    internal readonly uint* Waiting;

    internal readonly RingSlot Slot;
}
