namespace Vigil.Compare.Tools;

/// <summary>What a tool is started for; it decides its options.</summary>
internal enum Purpose
{
    /// <summary>A whole tree, output to a file, prompt enough to see what was lost.</summary>
    Loss,

    /// <summary>One directory, output to a file, as cheaply as the tool can.</summary>
    Cpu,

    /// <summary>A whole tree, output to a pipe, every line at once.</summary>
    Prompt,
}
