using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>Asks ignore rules about a path as a walk from the root does: what is ignored is not entered.</summary>
internal static class IgnoreWalk
{
    /// <summary>The verdict of one ignore file at the root; a path that ends in '/' is a directory.</summary>
    public static IgnoreVerdict Verdict(string ignoreFile, string path) =>
        Verdict(new Dictionary<string, byte[]> { [""] = Encoding.UTF8.GetBytes(ignoreFile) }, path);

    /// <summary>The verdict of several ignore files, by the directory they are in: "" or "src/".</summary>
    public static IgnoreVerdict Verdict(IReadOnlyDictionary<string, byte[]> ignoreFiles, string path)
    {
        bool isDirectory = path.EndsWith('/');
        return Verdict(ignoreFiles, Encoding.UTF8.GetBytes(path.TrimEnd('/')), isDirectory);
    }

    /// <summary>As above, for a name of any bytes; directories are given one char for each byte.</summary>
    public static IgnoreVerdict Verdict(IReadOnlyDictionary<string, byte[]> ignoreFiles, byte[] path, bool isDirectory)
    {
        IgnoreRules? rules = null;
        int start = 0;
        while (true)
        {
            if (ignoreFiles.TryGetValue(Encoding.Latin1.GetString(path, 0, start), out byte[]? content))
            {
                rules = IgnoreRules.FromFile(content, rules, start) ?? rules;
            }

            int slash = path.AsSpan(start).IndexOf((byte)'/');
            if (slash < 0)
            {
                return rules?.Match(path, isDirectory) ?? IgnoreVerdict.None;
            }

            if (rules?.Match(path.AsSpan(0, start + slash), isDirectory: true) == IgnoreVerdict.Ignored)
            {
                return IgnoreVerdict.Ignored;
            }

            start += slash + 1;
        }
    }
}
