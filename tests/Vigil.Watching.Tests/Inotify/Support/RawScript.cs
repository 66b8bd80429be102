using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>
/// A text script of raw watching: what is watched, what the shell does, and the events that have to come of it.
/// </summary>
/// <remarks>
/// <code>
/// # a comment
/// setup mkdir sub                     a shell line, before anything is watched or between
/// watch d . IN_CREATE,IN_DELETE       inotify_add_watch; d is the watch's name below
/// unwatch d                           inotify_rm_watch; it has to succeed
/// $ mv a b                            a shell line; the events below it, and no others, have to come of it, in this
/// order   d IN_MOVED_FROM a cookie=x        watch, flags, name; cookies with one name are equal and not 0, others are
/// 0 ? d IN_ATTRIB a                     an event that may come or not
/// </code>
/// A name that is missing is empty; it may hold \n, \\ and octal bytes such as \377 and \040. A watch that was removed
/// is written with its old name; the overflow has the watch name "-".
/// </remarks>
internal sealed class RawScript
{
    private RawScript(string name, List<Step> steps)
    {
        Name = name;
        Steps = steps;
    }

    internal enum Action
    {
        Setup,
        Watch,
        Unwatch,
        Shell,
    }

    internal string Name { get; }

    internal IReadOnlyList<Step> Steps { get; }

    internal static RawScript Load(string path)
    {
        List<Step> steps = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Trim().Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] is ' ' or '?')
            {
                steps[^1].Expected.Add(ParseEvent(line, number));
                continue;
            }

            string[] words = line.Split(' ', 2);
            steps.Add(new Step(number, ParseAction(words[0], number), words[1].Trim(), []));
        }

        return new RawScript(Path.GetFileNameWithoutExtension(path), steps);
    }

    private static Action ParseAction(string word, int number) => word switch
    {
        "setup" => Action.Setup,
        "watch" => Action.Watch,
        "unwatch" => Action.Unwatch,
        "$" => Action.Shell,
        _ => throw new FormatException($"line {number}: {word} is no step"),
    };

    private static Expected ParseEvent(string line, int number)
    {
        bool isOptional = line[0] == '?';
        List<string> words = [.. line[1..].Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        string cookie = string.Empty;
        if (words[^1].StartsWith("cookie=", StringComparison.Ordinal))
        {
            cookie = words[^1]["cookie=".Length..];
            words.RemoveAt(words.Count - 1);
        }

        if (words.Count is < 2 or > 3 || !InotifyMask.TryParseKernelNames(words[1], out InotifyMask mask))
        {
            throw new FormatException($"line {number}: {line} is no event");
        }

        return new Expected(words[0], mask, words.Count == 3 ? Unescape(words[2]) : string.Empty, cookie, isOptional);
    }

    // To Latin-1, one character a byte, as RawEvent has it.
    private static string Unescape(string text)
    {
        StringBuilder name = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                name.Append(text[i]);
            }
            else if (text[i + 1] is 'n' or '\\')
            {
                name.Append(text[++i] == 'n' ? '\n' : '\\');
            }
            else
            {
                name.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
        }

        return name.ToString();
    }

    internal sealed record Expected(string Watch, InotifyMask Mask, string Name, string Cookie, bool IsOptional)
    {
        public override string ToString() =>
            $"{(IsOptional ? '?' : ' ')} {Watch} {Mask.KernelNames} {Name}"
            + (Cookie.Length > 0 ? $" cookie={Cookie}" : string.Empty);
    }

    internal sealed record Step(int Line, Action Action, string Text, List<Expected> Expected);
}
