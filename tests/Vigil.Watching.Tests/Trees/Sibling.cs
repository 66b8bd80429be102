using System.Runtime.InteropServices;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Programs of this repository that lie beside the tests and are run as processes of their own.</summary>
internal static class Sibling
{
    /// <summary>The path of the <c>dotnet</c> that runs the tests.</summary>
    internal static string Dotnet { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <summary>The words that start a program.</summary>
    internal static string[] Command(string name) =>
        [Dotnet, "exec", Path.Combine(AppContext.BaseDirectory, name + ".dll")];

    /// <summary>Starts a program.</summary>
    internal static ChildProcess Start(string name) => Start([], name);

    /// <summary>Starts a program by another one, such as <c>setpriv … --</c>.</summary>
    internal static ChildProcess Start(IReadOnlyList<string> prefix, string name)
    {
        string[] words = [.. prefix, .. Command(name)];
        return ChildProcess.Start(words[0], words[1..]);
    }
}
