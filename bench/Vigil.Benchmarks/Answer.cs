namespace Vigil.Benchmarks;

/// <summary>A number of nanoseconds is worth nothing if what was computed in them is wrong.</summary>
internal static class Answer
{
    internal static void Expect(long expected, long actual, string what)
    {
        if (actual != expected)
        {
            throw new InvalidOperationException($"{what}: {actual}, and {expected} is right");
        }
    }
}
