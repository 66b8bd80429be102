using System.Collections.Concurrent;
using System.Xml.Linq;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // they count what the machine does

namespace Vigil.Native.Inotify.Tests;

/// <summary>
/// The C libraries as <c>./install</c> installs them, once for the whole run, and programs that are built against them
/// by pkg-config.
/// </summary>
internal static class Installed
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, Lazy<string>> Programs = new();

    private static readonly Lazy<TempTree> Tree = new(() =>
    {
        var tree = new TempTree();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => tree.Dispose();
        Run(RepositoryRoot.Combine("install"), ["--prefix", tree.At("prefix")]);
        return tree;
    });

    internal static string Prefix => Tree.Value.At("prefix");

    internal static string Library => Path.Combine(Prefix, "lib", "libinotify.so.0");

    internal static string Header => Path.Combine(Prefix, "include", "vigil.h");

    internal static string Version { get; } =
        XDocument.Load(RepositoryRoot.Combine("Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>What a program needs to find the libraries, and a compiler to find what belongs to them.</summary>
    internal static IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["LD_LIBRARY_PATH"] = Path.Combine(Prefix, "lib"),
        ["PKG_CONFIG_PATH"] = Path.Combine(Prefix, "lib", "pkgconfig"),
        ["GOCACHE"] = Tree.Value.At("go-cache"),
        ["PYTHONDONTWRITEBYTECODE"] = "1",
    };

    /// <summary>A directory of its own for the tools of a language, which ends with the run.</summary>
    internal static string MakeDirectory(string name) => Tree.Value.MakeDirectory(name);

    /// <summary>A C program of these tests.</summary>
    internal static string TestProgram(string name) =>
        C(RepositoryRoot.Combine("tests", "Vigil.Native.Inotify.Tests", "programs", name + ".c"));

    /// <summary>A C program, compiled with all warnings, linked as pkg-config says.</summary>
    internal static string C(string source) => Build(source, program => Run("sh",
        [
            "-ec",
            $"gcc -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -DVERSION='\"{Version}\"' "
            + $"$(pkg-config --cflags libinotify) '{source}' -o '{program}' $(pkg-config --libs libinotify) -pthread",
        ]));

    /// <summary>Builds something once.</summary>
    /// <param name="source">What it is built from.</param>
    /// <param name="build">Builds the program at the path that it is given.</param>
    /// <returns>The path.</returns>
    internal static string Build(string source, Action<string> build) => Programs.GetOrAdd(
        source,
        path => new Lazy<string>(() =>
        {
            string program = Tree.Value.At(Path.GetFileName(path).Replace('.', '-'));
            build(program);
            return program;
        })).Value;

    /// <summary>Starts a program that uses the library.</summary>
    internal static ChildProcess Start(string program, params string[] arguments) =>
        ChildProcess.Start(program, arguments, workingDirectory: null, Environment);

    /// <summary>Runs a tool to its end, and expects it to be content.</summary>
    internal static IReadOnlyList<string> Run(string tool, string[] arguments, string? directory = null)
    {
        using ChildProcess run = ChildProcess.Start(
            tool, arguments, directory, Tree.IsValueCreated ? Environment : null);
        int status = run.WaitForExit(BuildLimit);
        Assert.True(status == 0, $"{tool} ended with {status}:\n{string.Join('\n', run.Errors.Lines)}");
        return run.Output.Lines;
    }
}
