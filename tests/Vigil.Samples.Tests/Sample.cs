using System.Runtime.InteropServices;

namespace Vigil.Samples.Tests;

/// <summary>The samples, as they were built together with the tests.</summary>
internal static class Sample
{
    /// <summary>Their names: one folder each.</summary>
    internal static IEnumerable<string> Names =>
        Directory.EnumerateDirectories(RepositoryRoot.Combine("samples", "dotnet"))
            .Select(folder => Path.GetFileName(folder))
            .Order(StringComparer.Ordinal);

    /// <summary>Every program text of the samples, by its path from the root.</summary>
    internal static IEnumerable<string> Programs =>
        Directory.EnumerateFiles(RepositoryRoot.Combine("samples"), "*.cs", SearchOption.AllDirectories);

    /// <summary>Starts one in a directory.</summary>
    internal static ChildProcess Start(string name, string directory, params string[] arguments) =>
        Start(name, directory, environment: null, arguments);

    /// <summary>Starts one in a directory, with variables of its own.</summary>
    internal static ChildProcess Start(
        string name, string directory, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        // artifacts/bin/<project>/<configuration>: the samples lie beside the tests.
        string tests = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string configuration = Path.GetFileName(tests);
        string assembly = Path.Combine(tests, "..", "..", name, configuration, name + ".dll");
        string dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet");
        return ChildProcess.Start(
            Path.GetFullPath(dotnet), ["exec", Path.GetFullPath(assembly), .. arguments], directory, environment);
    }
}
