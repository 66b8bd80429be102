using System.Text;

namespace Vigil.Cli.Run.Settings;

/// <summary>Words as a POSIX shell takes them apart and puts them together; nothing is expanded.</summary>
internal static class ShellWords
{
    // What a backslash keeps as it is also between double quotes.
    private const string Escaped = "$`\"\\";
    private const string Plain = "@%_-+:./";

    /// <summary>The words of a line: blanks separate, quotes and backslashes keep together.</summary>
    /// <exception cref="UsageException">A quote is never closed.</exception>
    public static List<string> Split(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool isWord = false;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\'' ? c != '\'' : quote == '"' && c is not ('"' or '\\'))
            {
                word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                quote = quote == c ? '\0' : c;
                isWord = true;
            }
            else if (c == '\\' && i + 1 < line.Length && (quote == '\0' || Escaped.Contains(line[i + 1])))
            {
                word.Append(line[++i]);
                isWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Take();
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }

        if (quote != '\0')
        {
            throw new UsageException($"a {quote} is never closed in: {line}");
        }

        Take();
        return words;

        void Take()
        {
            if (isWord)
            {
                words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
        }
    }

    /// <summary>A word that a shell takes as it is.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || c > '\u007f' || Plain.Contains(c))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>A line that a shell takes apart into exactly these words.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));
}
