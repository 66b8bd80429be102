namespace Vigil.Watching.Tests;

/// <summary>Commands of a scenario, and what the watcher is to tell of them.</summary>
/// <param name="line">The line of the script.</param>
/// <param name="isCall">Whether it is a call of the watcher, not of the shell.</param>
internal sealed class ScriptStep(int line, bool isCall)
{
    internal int Line { get; } = line;

    internal bool IsCall { get; } = isCall;

    internal List<string> Commands { get; } = [];

    internal List<ScriptLine> Expected { get; } = [];

    /// <summary>Whether more may come than what is expected.</summary>
    internal bool IsOpen { get; set; }
}
