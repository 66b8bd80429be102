namespace Vigil.Bus.Wire;

/// <summary>What a message of the control socket is.</summary>
internal enum MessageKind : ushort
{
    None = 0,
    Hello = 1,
    Welcome = 2,
    Refused = 3,
    Subscribe = 4,
    Subscribed = 5,
    CaughtUp = 6,
    Since = 7,
    Clock = 8,
    ClockIs = 9,
    Status = 10,
    StatusIs = 11,
    Sync = 12,
    Ended = 13,
}
