using System.Runtime.InteropServices;

namespace Vigil.IO.Tests;

/// <summary>Another process (Vigil.FilesHost): it plays a part and says lines.</summary>
internal static class HostProcess
{
    private static readonly string Dotnet =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    // The runtime maps its code twice by a file in memory, which a limit of file sizes would hit.
    private static readonly Dictionary<string, string?> Plain = new() { ["DOTNET_EnableWriteXorExecute"] = "0" };

    /// <summary>The words that start a part.</summary>
    internal static string[] Command(params string[] words) =>
        [Dotnet, "exec", Path.Combine(AppContext.BaseDirectory, "Vigil.FilesHost.dll"), .. words];

    internal static ChildProcess Start(params string[] words) => ChildProcess.Start(Dotnet, Command(words)[1..]);

    /// <summary>Starts a part with a variable of the environment.</summary>
    internal static ChildProcess StartWith(string variable, string value, params string[] words) =>
        ChildProcess.Start(Dotnet, Command(words)[1..], null, new Dictionary<string, string?> { [variable] = value });

    /// <summary>Starts a part after a shell command, in the same process.</summary>
    internal static ChildProcess StartAfter(string shell, params string[] words) => ChildProcess.Start(
        "unshare", ["-m", "sh", "-ec", shell + "\nexec \"$@\"", "-", .. Command(words)], null, Plain);
}
