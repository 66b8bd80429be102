using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>Makes random ignore files that have a fair chance to match random paths.</summary>
internal sealed class IgnoreCaseGenerator(Random random)
{
    private static readonly string[] Names =
    [
        "a", "b", "ab", "abc", "a.c", "b.o", "A", "z9", "src", "foo", ".h", "...", " ", "a ", " a", "#a", "!a", "a]",
        "[a]", "a-b", "\\", "a\\", "*", "a?", "^", "\xC3\xA9", "\xFF", "\xFE\x80", "a\t", "\x0B", "a\r", "\x7F", "x:y",
    ];

    private const string Noise = "**??[[]]!^-\\:/aabc.z# ";

    public IgnoreCase Next()
    {
        var made = new IgnoreCase();
        for (int i = 0; i < 12; i++)
        {
            string path = string.Join('/', Repeat(random.Next(1, 5), () => Pick(Names)));
            made.AddPath(path, isDirectory: Chance(30));
        }

        string[] paths = [.. made.Paths.Keys];
        made.Files[""] = File(paths);
        foreach ((string path, bool isDirectory) in made.Paths)
        {
            if (isDirectory && Chance(20) && path.All(c => c is >= ' ' and <= '~'))
            {
                made.Files[path + "/"] = File([.. paths.Select(p => p[Math.Min(p.Length - 1, path.Length)..])]);
            }
        }

        return made;
    }

    private byte[] File(string[] paths)
    {
        string lineEnd = Chance(10) ? "\r\n" : "\n";
        var text = new StringBuilder(Chance(5) ? "\xEF\xBB\xBF" : "");
        text.AppendJoin(lineEnd, Repeat(random.Next(1, 6), () => Line(paths)));
        return Encoding.Latin1.GetBytes(text.Append(Chance(80) ? lineEnd : "").ToString());
    }

    private string Line(string[] paths)
    {
        while (true)
        {
            string glob = Chance(20)
                ? string.Concat(Repeat(random.Next(1, 9), () => Noise[random.Next(Noise.Length)].ToString()))
                : Blur(Pick(paths));
            string prefix = (Chance(20) ? "!" : "") + (Chance(15) ? "/" : "");
            glob = prefix + glob + (Chance(15) ? "/" : "") + (Chance(5) ? "  " : "");
            if (!StarsFollowLiteral(glob))
            {
                return glob;
            }
        }
    }

    /// <summary>Turns a path into a glob that may well match it.</summary>
    private string Blur(string path)
    {
        List<string> names = [.. path.Split('/')];
        if (Chance(60))
        {
            names.RemoveRange(0, random.Next(names.Count));
        }

        for (int i = Chance(25) ? random.Next(1, 3) : 0; i > 0; i--)
        {
            int at = random.Next(names.Count + 1);
            names.RemoveRange(at, Math.Min(random.Next(2), names.Count - at));
            names.Insert(at, Chance(90) ? "**" : "***");
        }

        IEnumerable<string> blurred = names.Select(name => name is "**" or "***" || Chance(35) ? name : BlurName(name));
        return string.Join(Chance(2) ? "\\/" : "/", blurred);
    }

    private string BlurName(string name)
    {
        var glob = new StringBuilder();
        foreach (char c in name)
        {
            glob.Append(random.Next(14) switch
            {
                0 => "?",
                1 => "*",
                2 => "",
                3 => $"*{c}",
                4 => $"\\{c}",
                5 => $"[{c}]",
                6 => $"[!{Pick(Names)[0]}]",
                7 => $"[{Pick(Names)[0]}-{c}]",
                8 => $"[^{Pick(Names)[0]}-{Pick(Names)[0]}{c}]",
                9 => $"[[:{Pick("alpha", "digit", "space", "punct", "nosuch")}:]{Pick("", c.ToString(), "-z")}]",
                _ => c.ToString(),
            });
        }

        return Chance(15) ? glob.Append('*').ToString() : glob.ToString();
    }

    /// <summary>
    /// Git 2.39 takes "foo**/bar" for "foo" and then "**/bar", so that it matches "foobar", against gitignore(5),
    /// which asks for a slash before the stars. We do as the manual says, and do not ask git.
    /// </summary>
    private static bool StarsFollowLiteral(string glob)
    {
        glob = glob.TrimEnd(' ');
        glob = glob.EndsWith('/') ? glob[..^1] : glob;
        glob = glob.StartsWith('!') ? glob[1..] : glob;
        if (!glob.Contains('/'))
        {
            return false;
        }

        glob = glob.StartsWith('/') ? glob[1..] : glob;
        int special = glob.AsSpan().IndexOfAny("*?[\\");
        if (special <= 0 || glob[special - 1] == '/' || !glob.AsSpan(special).StartsWith("**"))
        {
            return false;
        }

        ReadOnlySpan<char> rest = glob.AsSpan(special).TrimStart('*');
        return rest.IsEmpty || rest.StartsWith("/") || rest.StartsWith("\\/");
    }

    private bool Chance(int percent) => random.Next(100) < percent;

    private string Pick(params string[] choices) => choices[random.Next(choices.Length)];

    private static IEnumerable<string> Repeat(int count, Func<string> next) =>
        Enumerable.Range(0, count).Select(_ => next());
}
