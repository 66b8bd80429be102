using Vigil.Cli.Run.Settings;

namespace Vigil.Cli.Run.Config;

/// <summary>What a vigil.yaml says.</summary>
/// <param name="Path">Where it is, as it was found.</param>
/// <param name="Settings">What it says for all groups.</param>
/// <param name="Groups">The groups; one without a name where it has commands and no groups.</param>
internal sealed record RunConfig(string Path, RunSettings Settings, IReadOnlyList<ConfigGroup> Groups);
