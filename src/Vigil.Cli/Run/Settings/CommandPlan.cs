namespace Vigil.Cli.Run.Settings;

/// <summary>One command of a group, with all that was said about it.</summary>
internal sealed record CommandPlan
{
    /// <summary>The program and its arguments, with placeholders; with a shell, one text.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>The shell that runs it; empty for none.</summary>
    public string Shell { get; init; } = string.Empty;

    public int StopSignal { get; init; }

    public TimeSpan KillAfter { get; init; }

    public bool IsFatalIfError { get; init; }

    /// <summary>The command as a person would type it.</summary>
    public string Text => Shell.Length > 0 ? string.Join(' ', Words) : ShellWords.Join(Words);
}
