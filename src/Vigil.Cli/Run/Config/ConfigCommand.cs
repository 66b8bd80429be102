using Vigil.Cli.Run.Settings;

namespace Vigil.Cli.Run.Config;

/// <summary>A command of a vigil.yaml.</summary>
/// <param name="Words">Its words; one line where <paramref name="IsLine"/>.</param>
/// <param name="IsLine">Whether it was written as one text, which is taken apart unless a shell does it.</param>
/// <param name="Place">Where it stands, to follow with a colon.</param>
/// <param name="Settings">What is said of it alone.</param>
internal sealed record ConfigCommand(IReadOnlyList<string> Words, bool IsLine, string Place, RunSettings Settings)
{
    private static readonly string[] Operators = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1", "2>"];

    /// <summary>Its words for a shell, or for none.</summary>
    /// <exception cref="UsageException">It needs a shell, and has none.</exception>
    public IReadOnlyList<string> WordsFor(string shell)
    {
        if (shell.Length > 0 || !IsLine)
        {
            return Words;
        }

        List<string> words;
        try
        {
            words = ShellWords.Split(Words[0]);
        }
        catch (UsageException e)
        {
            throw new UsageException($"{Place}: {e.Message}");
        }

        if (words.Find(static word => Operators.Contains(word)) is { } found)
        {
            throw new UsageException($"{Place}: '{found}' needs a shell; add shell: sh, or write the words as a list");
        }

        return words.Count > 0 ? words : throw new UsageException($"{Place}: a command is empty");
    }
}
