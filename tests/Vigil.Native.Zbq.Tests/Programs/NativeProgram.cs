using System.Collections.Concurrent;

namespace Vigil.Native.Zbq.Tests;

/// <summary>Programs in C and Rust, each compiled once against zbq.h and the published library.</summary>
internal static class NativeProgram
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Built = new();

    // Programs lie beside each other in one directory for the whole run, which ends with it.
    private static readonly Lazy<TempTree> Directory = new(() =>
    {
        var tree = new TempTree();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => tree.Dispose();
        return tree;
    });

    /// <summary>A program of these tests, in C.</summary>
    internal static string Test(string name) => Compile(
        RepositoryRoot.Combine("tests", "Vigil.Native.Zbq.Tests", "c", name + ".c"), C);

    /// <summary>A sample, as its README builds it.</summary>
    /// <param name="language">"c" or "rust".</param>
    /// <param name="name">Its name.</param>
    internal static string Sample(string language, string name) => language == "c"
        ? Compile(RepositoryRoot.Combine("samples", "c", name + ".c"), C)
        : Compile(RepositoryRoot.Combine("samples", "rust", name + ".rs"), Rust);

    /// <summary>Runs a compiler, and expects it to be content.</summary>
    internal static void Run(string compiler, params string[] arguments)
    {
        using ChildProcess run = ChildProcess.Start(compiler, arguments);
        int status = run.WaitForExit(TimeSpan.FromMinutes(2));
        Assert.True(
            status == 0, $"{compiler} ended with status {status}:\n{string.Join('\n', run.Errors.Lines)}");
    }

    private static string Compile(string source, Action<string, string> compiler) => Built.GetOrAdd(
        source,
        path => new Lazy<string>(() =>
        {
            string program = Directory.Value.At(Path.GetFileName(path).Replace('.', '-'));
            compiler(path, program);
            return program;
        })).Value;

    private static void C(string source, string program) => Run(
        "gcc", "-std=c11", "-O2", "-pthread", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
        "-I", Path.GetDirectoryName(PublishedLibrary.Header)!, "-o", program, source,
        "-L", PublishedLibrary.Directory, "-lzbq", $"-Wl,-rpath,{PublishedLibrary.Directory}");

    private static void Rust(string source, string program) => Run(
        "rustc", "--edition", "2021", "-O", "-D", "warnings", "-o", program, source,
        "-L", $"native={PublishedLibrary.Directory}", "-l", "zbq",
        "-C", $"link-arg=-Wl,-rpath,{PublishedLibrary.Directory}");
}
