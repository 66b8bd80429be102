using Vigil.Cli.Printing;
using Vigil.Cli.Run.Settings;
using Vigil.Platform;

namespace Vigil.Cli.Run.Changes;

/// <summary>
/// <c>{path}</c>, <c>{relative}</c> and <c>{kind}</c> in the words of a command. A word with one is repeated for each
/// change, and left out where there is none; for a shell the values are quoted and stand beside each other.
/// <c>{{path}}</c> is the plain text <c>{path}</c>.
/// </summary>
internal static class Placeholders
{
    // The kernel takes 128 KiB in one argument, which a script is, and 2 MiB in all where nobody has changed the limit
    // of the stack (execve(2)); the environment needs some, too.
    private const int MostBytesOfScript = 100 * 1024;
    private const int MostBytes = 512 * 1024;
    private const int PointerBytes = 8;
    private static readonly string[] Names = ["{path}", "{relative}", "{kind}"];

    /// <summary>The words with what they stand for.</summary>
    /// <param name="command">The command.</param>
    /// <param name="changes">What changed.</param>
    /// <param name="left">How many of the changes had no room.</param>
    public static List<string> Fill(CommandPlan command, IReadOnlyList<RunChange> changes, out int left)
    {
        string[] patterns = [.. command.Words.Where(HasAny)];
        int count = 0;
        bool isScript = command.Shell.Length > 0;
        int room = isScript ? MostBytesOfScript - command.Words.Sum(static word => word.Length) : MostBytes;
        for (; count < changes.Count; count++)
        {
            room -= patterns.Sum(pattern => Bytes(pattern, changes[count], isScript));
            if (room < 0)
            {
                break;
            }
        }

        left = changes.Count - count;
        List<RunChange> told = [.. changes.Take(count)];
        if (isScript)
        {
            string script = string.Join(' ', command.Words);
            return [command.Shell, "-c", Replace(script, name => ShellWords.Join(told.Select(c => Value(name, c))))];
        }

        List<string> words = [];
        foreach (string word in command.Words)
        {
            if (!HasAny(word))
            {
                words.Add(Replace(word, static _ => string.Empty));
                continue;
            }

            words.AddRange(told.Select(change => Replace(word, name => Value(name, change))));
        }

        return words;
    }

    // What a change adds: to a script only what stands for it, else a word for each pattern.
    private static int Bytes(string pattern, RunChange change, bool isScript)
    {
        int quoted = 0;
        string word = Replace(pattern, name =>
        {
            string value = Value(name, change);
            quoted += PathText.ToBytes(ShellWords.Quote(value)).Length + 1;
            return value;
        });
        return isScript ? quoted : PathText.ToBytes(word).Length + 1 + PointerBytes;
    }

    private static string Value(string name, RunChange change) => name switch
    {
        "{path}" => change.Path,
        "{relative}" => RelativePath.OfCurrent(change.Path),
        _ => System.Text.Encoding.UTF8.GetString(KindNames.Of(change.Kind)),
    };

    private static string Replace(string text, Func<string, string> value)
    {
        System.Text.StringBuilder result = new();
        for (int i = 0; i < text.Length;)
        {
            if (Names.FirstOrDefault(name => IsAt(text, i, "{" + name + "}")) is { } literal)
            {
                result.Append(literal);
                i += literal.Length + 2;
            }
            else if (Names.FirstOrDefault(name => IsAt(text, i, name)) is { } found)
            {
                result.Append(value(found));
                i += found.Length;
            }
            else
            {
                result.Append(text[i++]);
            }
        }

        return result.ToString();
    }

    private static bool HasAny(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (Names.FirstOrDefault(one => IsAt(text, i, "{" + one + "}")) is { } literal)
            {
                i += literal.Length + 1;
            }
            else if (Names.Any(one => IsAt(text, i, one)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAt(string text, int index, string part) =>
        string.CompareOrdinal(text, index, part, 0, part.Length) == 0;
}
