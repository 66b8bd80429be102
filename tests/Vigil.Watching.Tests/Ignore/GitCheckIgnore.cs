using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>Asks git itself, in one process: each case is a directory of one throw-away repository.</summary>
internal static class GitCheckIgnore
{
    /// <summary>What git says about each path of each case, in the order of <see cref="IgnoreCase.Paths"/>.</summary>
    public static List<IgnoreVerdict> Verdicts(IReadOnlyList<IgnoreCase> cases)
    {
        string repository = Directory.CreateTempSubdirectory("vigil-ignore-").FullName;
        try
        {
            Run(repository, "git", [], "init", "-q", "--template=");
            Run(repository, "xargs", Join(cases, onlyDirectories: true), "-0", "mkdir", "-p", "--");
            for (int i = 0; i < cases.Count; i++)
            {
                foreach ((string directory, byte[] content) in cases[i].Files)
                {
                    File.WriteAllBytes(Path.Combine(repository, Number(i), directory, ".gitignore"), content);
                }
            }

            byte[] answers = Run(
                repository, "git", Join(cases, onlyDirectories: false),
                "-c", "core.excludesFile=/dev/null", "-c", "core.ignoreCase=false",
                "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n");
            return Parse(answers);
        }
        finally
        {
            // The runtime cannot delete names that are not UTF-8; rm can.
            Run(Path.GetTempPath(), "rm", [], "-rf", "--", repository);
        }
    }

    // An answer is four fields: file, line, pattern, path. The first three are empty if nothing matched.
    private static List<IgnoreVerdict> Parse(byte[] answers)
    {
        string[] fields = Encoding.Latin1.GetString(answers).Split('\0');
        var verdicts = new List<IgnoreVerdict>();
        for (int i = 0; i + 3 < fields.Length; i += 4)
        {
            verdicts.Add(fields[i].Length == 0
                ? IgnoreVerdict.None
                : fields[i + 2].StartsWith('!') ? IgnoreVerdict.Included : IgnoreVerdict.Ignored);
        }

        return verdicts;
    }

    // Only directories need to exist: git takes what it does not find for no directory.
    private static byte[] Join(IReadOnlyList<IgnoreCase> cases, bool onlyDirectories)
    {
        var text = new StringBuilder();
        for (int i = 0; i < cases.Count; i++)
        {
            text.Append(onlyDirectories ? Number(i) + '\0' : "");
            foreach ((string path, bool isDirectory) in cases[i].Paths)
            {
                text.Append(isDirectory || !onlyDirectories ? $"{Number(i)}/{path}\0" : "");
            }
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static string Number(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static byte[] Run(string directory, string program, byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // The tests may run from a hook, where git's own variables point at another repository.
        foreach (string name in start.Environment.Keys.ToArray())
        {
            if (name.StartsWith("GIT_", StringComparison.Ordinal))
            {
                start.Environment.Remove(name);
            }
        }

        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
        using Process process = Process.Start(start)!;
        Task write = Task.Run(() =>
        {
            using Stream to = process.StandardInput.BaseStream;
            to.Write(input);
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        write.GetAwaiter().GetResult();

        // Status 1 of check-ignore: nothing is ignored.
        string command = $"{program} {string.Join(' ', arguments)}";
        Assert.True(process.ExitCode is 0 or 1, $"{command} ended with {process.ExitCode}");
        return output.ToArray();
    }
}
