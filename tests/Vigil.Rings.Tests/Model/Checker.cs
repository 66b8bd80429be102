using System.Globalization;
using System.Text.RegularExpressions;

namespace Vigil.Rings.Tests;

/// <summary>What spin(1) says of a model: it makes a program of it, which goes through every state there is.</summary>
internal sealed partial record Checker(bool IsWhole, int Errors, long States, string Report)
{
    // Only a limit for what never ends; each check takes seconds at most.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private static readonly string Folder = RepositoryRoot.Combine("tests", "Vigil.Rings.Tests", "Model");

    internal static IEnumerable<string> Models =>
        Directory.EnumerateFiles(Folder, "*.pml").Select(path => Path.GetFileNameWithoutExtension(path));

    internal static string Text(string model) => File.ReadAllText(PathOf(model));

    /// <summary>Checks a model.</summary>
    /// <param name="model">The name of its file, without the ending.</param>
    /// <param name="defines">What is defined for it: names, or names with values, separated by spaces.</param>
    /// <param name="isExpectedToFail">Whether an error is looked for, and no proof.</param>
    internal static Checker Check(string model, string defines, bool isExpectedToFail = false)
    {
        using var tree = new TempTree();
        string[] options = [.. Names(defines).Select(define => "-D" + define)];
        Run(tree, "spin", ["-a", .. options, PathOf(model)]);

        // SAFETY: assertions and ends that are none. COLLAPSE keeps states small without losing any. What fails does so
        // soon, and sooner where the processes are tried in reverse: there a fast compiler is worth more.
        string[] search = isExpectedToFail ? ["-O0", "-DREVERSE"] : ["-O1"];
        Run(tree, "gcc", [.. search, "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=2000", "-o", "pan", "pan.c"]);
        string report = Run(tree, tree.At("pan"), ["-n", "-m100000", "-w22"]);
        Match errors = ErrorCount().Match(report);
        Match states = StateCount().Match(report);
        Assert.True(errors.Success && states.Success, $"{model} {string.Join(' ', options)}: {report}");
        return new Checker(
            !Incomplete().IsMatch(report),
            int.Parse(errors.Groups[1].Value, CultureInfo.InvariantCulture),
            long.Parse(states.Groups[1].Value, CultureInfo.InvariantCulture),
            report);
    }

    internal static string[] Names(string defines) => defines.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string PathOf(string model) => Path.Combine(Folder, model + ".pml");

    private static string Run(TempTree tree, string program, string[] arguments)
    {
        using ChildProcess process = ChildProcess.Start(program, arguments, tree.Path);
        int status = process.WaitForExit(Longest);
        string output = string.Join('\n', [.. process.Output.Lines, .. process.Errors.Lines]);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)} ended with status {status}:\n{output}");
        return output;
    }

    [GeneratedRegex(@"^State-vector .* errors: (\d+)$", RegexOptions.Multiline)]
    private static partial Regex ErrorCount();

    [GeneratedRegex(@"^\s*(\d+) states, stored", RegexOptions.Multiline)]
    private static partial Regex StateCount();

    // What spin says where it stopped early: too deep, out of memory, at an error, or interrupted.
    [GeneratedRegex("Search not completed|too small|reached -DMEMLIM|out of memory|resource")]
    private static partial Regex Incomplete();
}
