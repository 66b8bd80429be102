namespace Vigil.Cli.Run.Settings;

/// <summary>The shape of a setting's value.</summary>
internal enum KeyShape
{
    /// <summary>True or false; an option without a value.</summary>
    Flag = 0,

    /// <summary>One text.</summary>
    Text,

    /// <summary>Several texts; an option that may be given several times.</summary>
    List,
}
