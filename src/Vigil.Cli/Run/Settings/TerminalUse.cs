namespace Vigil.Cli.Run.Settings;

/// <summary>When the command has the terminal to itself.</summary>
internal enum TerminalUse
{
    /// <summary>As soon as it wants to read from it.</summary>
    Auto = 0,

    /// <summary>From its start on.</summary>
    Always,

    /// <summary>Never: its standard input is /dev/null.</summary>
    Never,
}
