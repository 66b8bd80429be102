namespace Vigil.Cli;

/// <summary>The right word that is nearest to a mistyped one.</summary>
internal static class Suggestions
{
    /// <summary>"; did you mean X?" for the nearest candidate, or else the list of all of them, or nothing.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="candidates">What would be right.</param>
    /// <param name="listOtherwise">Whether all candidates are named where none is near.</param>
    public static string For(string word, IReadOnlyList<string> candidates, bool listOtherwise = true)
    {
        if (Nearest(word, candidates) is { } nearest)
        {
            return $"; did you mean '{nearest}'?";
        }

        return listOtherwise ? "; known are " + string.Join(", ", candidates) : string.Empty;
    }

    /// <summary>The nearest candidate, or null where none is near enough to be meant.</summary>
    public static string? Nearest(string word, IReadOnlyList<string> candidates)
    {
        string typed = word.ToLowerInvariant();
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in candidates)
        {
            string lower = candidate.ToLowerInvariant();
            int distance = typed.Length >= 3 && lower.StartsWith(typed, StringComparison.Ordinal)
                ? 1
                : Distance(typed, lower);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        // A third of the letters may be wrong, and one letter always.
        int bare = typed.AsSpan().TrimStart('-').Length;
        return bestDistance <= Math.Max(1, (bare + 1) / 3) ? best : null;
    }

    // The number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
    private static int Distance(string a, string b)
    {
        int[,] table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }

                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                int best = Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1);
                best = Math.Min(best, table[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, table[i - 2, j - 2] + 1);
                }

                table[i, j] = best;
            }
        }

        return table[a.Length, b.Length];
    }
}
