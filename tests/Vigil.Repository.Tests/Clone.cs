namespace Vigil.Repository.Tests;

/// <summary>
/// The scripts of the repository in a clone of their own, with a PATH that holds only what they need and, on demand, a
/// <c>dotnet</c> that notes what it is asked for and builds a command at once.
/// </summary>
internal sealed class Clone : IDisposable
{
    private static readonly string[] Tools =
    [
        "bash", "cat", "chmod", "dirname", "find", "flock", "head", "ln", "mkdir", "mktemp", "mv", "readlink", "rm",
        "sed", "sha256sum", "sort", "stat", "tail", "touch", "uname", "xargs",
    ];

    private static readonly string[] Files =
    [
        "vigil", "test", "eng/common.sh", "eng/test-packages.txt", "global.json", "Directory.Build.props",
    ];

    private readonly TempTree _tree = new();

    internal Clone()
    {
        foreach (string file in Files)
        {
            _tree.MakeDirectory(Path.Combine("clone", Path.GetDirectoryName(file)!));
            File.Copy(RepositoryRoot.Combine(file), At(file));
        }

        _tree.WriteFile("clone/src/A/A.cs", "class A;");
        _tree.WriteFile("clone/src/A/B.cs", "class B;");
        _tree.MakeDirectory("bin");
        foreach (string tool in Tools)
        {
            File.CreateSymbolicLink(_tree.At($"bin/{tool}"), WhereIs(tool));
        }
    }

    /// <summary>What <c>dotnet</c> was asked to publish: once for each build.</summary>
    internal int Builds => File.Exists(_tree.At("calls"))
        ? File.ReadLines(_tree.At("calls")).Count(static call => call.StartsWith("publish ", StringComparison.Ordinal))
        : 0;

    internal string At(string file) => _tree.At(Path.Combine("clone", file));

    /// <summary>Puts a <c>dotnet</c> on the PATH.</summary>
    /// <param name="version">What it does when it is asked for its version.</param>
    /// <param name="publish">What it does before it publishes.</param>
    internal void AddSdk(string version = "echo 10.0.100", string publish = ":") => AddTool("dotnet", $$"""
        echo "$*" >>'{{_tree.At("calls")}}'
        if [[ $1 == --version ]]; then
            {{version}}
        elif [[ $1 == publish ]]; then
            {{publish}}
            while [[ $1 != -o ]]; do shift; done
            printf '#!/bin/bash\necho "built: $*"\n' >"$2/vigil"
            chmod +x "$2/vigil"
        fi
        """);

    internal ChildProcess Start(string script, params string[] arguments) => ChildProcess.Start(
        At(script),
        arguments,
        _tree.Path,
        new Dictionary<string, string?> { ["PATH"] = _tree.At("bin"), ["DOTNET_ROOT"] = null });

    /// <summary>Runs a script to its end.</summary>
    /// <returns>Its status, and what it said on both streams.</returns>
    internal (int Status, IReadOnlyList<string> Output, IReadOnlyList<string> Errors) Run(
        string script, params string[] arguments)
    {
        using ChildProcess run = Start(script, arguments);
        return (run.WaitForExit(), run.Output.Lines, run.Errors.Lines);
    }

    public void Dispose() => _tree.Dispose();

    private static string WhereIs(string tool) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':')
            .Select(directory => Path.Combine(directory, tool))
            .First(File.Exists);

    private void AddTool(string name, string script)
    {
        string path = _tree.WriteFile($"bin/{name}", $"#!/bin/bash\nset -euo pipefail\n{script}\n");
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
    }
}
