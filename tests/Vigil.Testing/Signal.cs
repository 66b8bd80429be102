namespace Vigil.Testing;

/// <summary>The signals that tests send, with their numbers on Linux: signal(7).</summary>
public enum Signal
{
    /// <summary>No signal.</summary>
    None = 0,

    /// <summary>What closing a terminal sends.</summary>
    SIGHUP = 1,

    /// <summary>What Ctrl-C sends.</summary>
    SIGINT = 2,

    /// <summary>What Ctrl-\ sends.</summary>
    SIGQUIT = 3,

    /// <summary>Ends at once and cannot be caught.</summary>
    SIGKILL = 9,

    /// <summary>A signal for a program's own use.</summary>
    SIGUSR1 = 10,

    /// <summary>A signal for a program's own use.</summary>
    SIGUSR2 = 12,

    /// <summary>The polite request to end.</summary>
    SIGTERM = 15,

    /// <summary>Goes on after a stop.</summary>
    SIGCONT = 18,

    /// <summary>Stops and cannot be caught.</summary>
    SIGSTOP = 19,

    /// <summary>The terminal has another size; ignored where nobody handles it.</summary>
    SIGWINCH = 28,
}
