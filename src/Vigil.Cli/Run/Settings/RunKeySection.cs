namespace Vigil.Cli.Run.Settings;

/// <summary>Settings that belong together, in the help and in vigil.yaml.</summary>
internal sealed record RunKeySection(string Title, IReadOnlyList<RunKey> Keys);
