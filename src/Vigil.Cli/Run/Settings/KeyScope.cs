namespace Vigil.Cli.Run.Settings;

/// <summary>The narrowest place where a setting can be said.</summary>
internal enum KeyScope
{
    /// <summary>For the whole run only.</summary>
    Run = 0,

    /// <summary>Also for a group.</summary>
    Group,

    /// <summary>Also for a single command.</summary>
    Command,
}
