namespace Vigil.Native.Inotify.Tests;

/// <summary>The clients in samples/, each as its README builds and starts it.</summary>
internal static class Client
{
    private static readonly Lazy<string?> NodeTrouble = new(InstallForNode);

    internal static IReadOnlyList<string> Languages => ["ruby", "c", "python", "go", "rust", "node"];

    /// <summary>A script of these tests.</summary>
    internal static string TestScript(string name) =>
        RepositoryRoot.Combine("tests", "Vigil.Native.Inotify.Tests", "programs", name);

    /// <summary>Starts the client of a language.</summary>
    internal static ChildProcess Start(string language, string command, string directory) =>
        Start(Command(language, command, directory));

    /// <summary>Starts what <see cref="Command"/> gave.</summary>
    internal static ChildProcess Start(string[] command) => Installed.Start(command[0], command[1..]);

    /// <summary>Waits for a line of a client.</summary>
    internal static void Expect(ChildProcess client, string line) =>
        client.Output.WaitForLine(text => text == line, $"the line '{line}'");

    /// <summary>The program of a language and its arguments. It is built first, where that is to be done.</summary>
    /// <param name="language">One of <see cref="Languages"/>.</param>
    /// <param name="command">"raw" or "tree".</param>
    /// <param name="directory">What it watches.</param>
    /// <param name="tellsWhatIsLeft">
    /// Whether it says, where a script can be made to, which watchers are still open when it ends.
    /// </param>
    internal static string[] Command(string language, string command, string directory, bool tellsWhatIsLeft = false)
    {
        string samples = RepositoryRoot.Combine("samples", language);
        string[] Script(string interpreter, string script, params string[] helper) =>
            [interpreter, .. tellsWhatIsLeft ? helper : [], script, command, directory];
        switch (language)
        {
            case "ruby":
                return Script("ruby", Path.Combine(samples, "watch.rb"), "-r", TestScript("left.rb"));
            case "python":
                return Script("python3", Path.Combine(samples, "watch.py"), TestScript("left.py"));
            case "node":
                return Script("node", NodeFile("watch.js"), "-r", TestScript("left.cjs"));
            case "go":
                string go = Installed.Build(
                    samples, program => Installed.Run("go", ["build", "-o", program, "."], samples));
                return [go, command, directory];
            case "rust":
                string source = Path.Combine(samples, $"inotify_{command}.rs");
                string rust = Installed.Build(source, program => Installed.Run("sh",
                [
                    "-ec", $"rustc --edition 2021 -O -D warnings -o '{program}' '{source}' "
                        + "$(pkg-config --libs-only-L libinotify)",
                ]));
                return [rust, directory];
            default:
                return [Installed.C(Path.Combine(samples, $"inotify_{command}.c")), directory];
        }
    }

    /// <summary>
    /// A file of the Node client, beside what it needs of the registry; skips the test where that is out of reach.
    /// </summary>
    internal static string NodeFile(string name)
    {
        Assert.SkipUnless(NodeTrouble.Value is null, $"koffi cannot be had: {NodeTrouble.Value}");
        return Path.Combine(Installed.MakeDirectory("node"), name);
    }

    // In a copy, as what npm installs does not belong into the sources. The registry may be out of reach.
    private static string? InstallForNode()
    {
        string copy = Installed.MakeDirectory("node");
        foreach (string file in (string[])["package.json", "vigil.js", "watch.js"])
        {
            File.Copy(RepositoryRoot.Combine("samples", "node", file), Path.Combine(copy, file));
        }

        using ChildProcess npm = ChildProcess.Start(
            "npm", ["install", "--no-package-lock", "--no-audit", "--no-fund"], copy);
        int status = npm.WaitForExit(TimeSpan.FromMinutes(3));
        return status == 0 ? null : string.Join(" ", npm.Errors.Lines.Prepend("npm:"));
    }
}
