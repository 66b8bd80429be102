using Vigil.Cli.Run.Settings;

namespace Vigil.Cli.Run.Config;

/// <summary>A group of a vigil.yaml.</summary>
internal sealed record ConfigGroup(string Name, RunSettings Settings, IReadOnlyList<ConfigCommand> Commands);
