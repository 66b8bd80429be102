namespace Vigil.Cli.Watch;

/// <summary>When lines are coloured.</summary>
internal enum ColorChoice
{
    /// <summary>On a terminal, unless NO_COLOR is set (no-color.org).</summary>
    Auto = 0,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}
