using System.Globalization;
using System.Security.Cryptography;

namespace Vigil.Testing;

/// <summary>
/// Runs a test with random numbers that can be had again. A failure names its seed, and <c>VIGIL_SEED=N ./test</c>
/// replays it.
/// </summary>
/// <example><code>Seed.Run(random => Storm(random, operations: 2_000));</code></example>
public static class Seed
{
    /// <summary>The environment variable that fixes the seed.</summary>
    public const string Variable = "VIGIL_SEED";

    /// <summary>The seed that the environment fixes, or null.</summary>
    /// <exception cref="FormatException">The variable holds something that is not a number.</exception>
    public static int? Fixed
    {
        get
        {
            string? text = Environment.GetEnvironmentVariable(Variable);
            return string.IsNullOrEmpty(text) ? null
                : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value
                : throw new FormatException($"{Variable} is '{text}', which is not a number from a failed run");
        }
    }

    /// <summary>Runs a body once, with the fixed seed or a new one.</summary>
    /// <param name="body">What to run.</param>
    /// <exception cref="SeededFailureException">The body threw; the message names the seed.</exception>
    public static void Run(Action<Random> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        RunMany(1, body);
    }

    /// <summary>Runs a body once for each of several new seeds, or once with the fixed seed.</summary>
    /// <param name="count">How many seeds.</param>
    /// <param name="body">What to run.</param>
    /// <exception cref="SeededFailureException">The body threw; the message names the seed.</exception>
    public static void RunMany(int count, Action<Random> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        foreach (int seed in Choose(count))
        {
            try
            {
                body(new Random(seed));
            }
            catch (Exception failure)
            {
                throw Told(seed, failure);
            }
        }
    }

    /// <summary>Runs an asynchronous body once, with the fixed seed or a new one.</summary>
    /// <param name="body">What to run.</param>
    /// <exception cref="SeededFailureException">The body threw; the message names the seed.</exception>
    public static Task RunAsync(Func<Random, Task> body) => RunManyAsync(1, body);

    /// <summary>Runs an asynchronous body once for each of several new seeds, one after the other.</summary>
    /// <param name="count">How many seeds.</param>
    /// <param name="body">What to run.</param>
    /// <exception cref="SeededFailureException">The body threw; the message names the seed.</exception>
    public static async Task RunManyAsync(int count, Func<Random, Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        foreach (int seed in Choose(count))
        {
            try
            {
                await body(new Random(seed)).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                throw Told(seed, failure);
            }
        }
    }

    private static IEnumerable<int> Choose(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return Fixed is { } seed
            ? [seed]
            : Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetInt32(int.MaxValue));
    }

    // Also on standard error, at once: a run that is killed later has still named its seed.
    private static SeededFailureException Told(int seed, Exception failure)
    {
        var told = new SeededFailureException(seed, failure);
        Console.Error.WriteLine(told.Message);
        return told;
    }
}
