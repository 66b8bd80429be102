using System.Globalization;

namespace Vigil.Watching;

/// <summary>
/// A place in the history of a tree that a bus watches: which watching of it, and how many changes it had told by then.
/// What came after it can be asked for, also by another process. As text <c>epoch:number</c>, such as
/// <c>5f0c9d21e8b3a647:1234</c>.
/// </summary>
/// <param name="Epoch">Which watching: random, never 0; 0 where there is no position.</param>
/// <param name="Number">The last change that is before this place.</param>
public readonly record struct ChangePosition(ulong Epoch, long Number)
{
    private const int EpochDigits = 16;
    private const string None = "none";

    /// <summary>Whether this is no position: that of a change which no bus told, or of an entry that was there at the
    /// start.</summary>
    public bool IsNone => Epoch == 0;

    /// <summary>Reads the text of a position.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The position.</returns>
    /// <exception cref="FormatException">It is no position, nor "none".</exception>
    public static ChangePosition Parse(ReadOnlySpan<char> text) => TryParse(text, out ChangePosition position)
        ? position
        : throw new FormatException($"'{text}' is no position: it looks like 5f0c9d21e8b3a647:1234.");

    /// <summary>Reads the text of a position.</summary>
    /// <param name="text">The text; "none" for that which is none.</param>
    /// <param name="position">The position; none where the text is not one.</param>
    /// <returns>Whether it is one, or "none".</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ChangePosition position)
    {
        int colon = text.IndexOf(':');
        if (colon == EpochDigits
            && ulong.TryParse(
                text[..colon], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong epoch)
            && long.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && epoch != 0)
        {
            position = new ChangePosition(epoch, number);
            return true;
        }

        position = default;
        return text is None;
    }

    /// <summary>The text, or "none".</summary>
    /// <returns>What <see cref="Parse"/> reads.</returns>
    public override string ToString() =>
        IsNone ? None : string.Create(CultureInfo.InvariantCulture, $"{Epoch:x16}:{Number}");
}
