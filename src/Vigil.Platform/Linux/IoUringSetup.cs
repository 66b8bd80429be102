namespace Vigil.Platform.Linux;

/// <summary>What kind of ring is made: the IORING_SETUP_ flags of io_uring_setup(2) that Vigil uses.</summary>
[Flags]
public enum IoUringSetup : uint
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The completion queue has a size of its own: IORING_SETUP_CQSIZE.</summary>
    CompletionSize = 1 << 3,

    /// <summary>Sizes above the limits become the limits: IORING_SETUP_CLAMP.</summary>
    Clamp = 1 << 4,

    /// <summary>It takes nothing before it is enabled: IORING_SETUP_R_DISABLED, Linux 5.10.</summary>
    Disabled = 1 << 6,

    /// <summary>A refused entry does not keep back those behind it: IORING_SETUP_SUBMIT_ALL, Linux 5.18.</summary>
    SubmitAll = 1 << 7,

    /// <summary>
    /// What completes does not interrupt the thread that submitted it: IORING_SETUP_COOP_TASKRUN, Linux 5.19.
    /// </summary>
    CooperativeTasks = 1 << 8,

    /// <summary>One thread submits: IORING_SETUP_SINGLE_ISSUER, Linux 6.0.</summary>
    SingleIssuer = 1 << 12,

    /// <summary>
    /// What completes is worked on when the submitting thread waits for it: IORING_SETUP_DEFER_TASKRUN, Linux 6.1.
    /// Needs <see cref="SingleIssuer"/>.
    /// </summary>
    DeferTasks = 1 << 13,
}
