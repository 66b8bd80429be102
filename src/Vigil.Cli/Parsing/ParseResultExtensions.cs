using System.CommandLine;
using System.CommandLine.Parsing;

namespace Vigil.Cli.Parsing;

/// <summary>What the command line says about one option.</summary>
internal static class ParseResultExtensions
{
    /// <summary>Whether an option was typed.</summary>
    public static bool IsSet(this ParseResult result, Option option) =>
        result.GetResult(option) is OptionResult { Implicit: false };
}
