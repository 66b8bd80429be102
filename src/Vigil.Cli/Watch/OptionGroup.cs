using System.CommandLine;

namespace Vigil.Cli.Watch;

/// <summary>Options that belong together in the help.</summary>
internal sealed record OptionGroup(string Title, IReadOnlyList<Option> Options);
