namespace Vigil.Cli.Run.Settings;

/// <summary>What a change does while the command still runs.</summary>
internal enum BusyMode
{
    /// <summary>It runs once more afterwards.</summary>
    Queue = 0,

    /// <summary>It is stopped and started anew.</summary>
    Restart,

    /// <summary>Nothing; the next run is told of the change.</summary>
    Ignore,

    /// <summary>The command gets a signal.</summary>
    Signal,
}
