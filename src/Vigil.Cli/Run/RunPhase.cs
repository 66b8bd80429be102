namespace Vigil.Cli.Run;

/// <summary>What a group does at the moment.</summary>
internal enum RunPhase
{
    /// <summary>It waits for changes.</summary>
    Idle = 0,

    /// <summary>The changes are quiet, and everything that happened before is being asked for.</summary>
    Starting,

    /// <summary>A command runs.</summary>
    Running,

    /// <summary>The last command has ended, and what it changed is being asked for.</summary>
    Ending,

    /// <summary>Its processes are brought to an end.</summary>
    Stopping,

    /// <summary>Nothing more will happen.</summary>
    Over,
}
