namespace Vigil.Cli.Run.Settings;

/// <summary>What the command reads on its standard input.</summary>
internal enum InputKind
{
    /// <summary>What vigil itself would.</summary>
    Inherited = 0,

    /// <summary>The changes, as JSON Lines.</summary>
    Json,

    /// <summary>The paths that changed, one a line.</summary>
    Paths,
}
