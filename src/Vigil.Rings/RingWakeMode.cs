namespace Vigil.Rings;

/// <summary>How a consumer learns of messages: <c>zbq_wakeup_mode</c>.</summary>
public enum RingWakeMode
{
    /// <summary>It may sleep, and the producer wakes it. It is sent the descriptors of messages.</summary>
    Push = 0,

    /// <summary>It looks by itself, whenever it likes; a commit costs nothing for it. It is sent no
    /// descriptors.</summary>
    Pull = 1,
}
