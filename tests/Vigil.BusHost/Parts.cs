namespace Vigil.Bus.Tests;

/// <summary>The parts that a process can play.</summary>
internal static class Parts
{
    internal static async Task<int> PlayAsync(string[] words)
    {
        Func<string[], Task> part = words[0] switch
        {
            // SOCKET [NAME=VALUE]…: serves until standard input ends: "serving", then a "log TEXT" for each line.
            "serve" => Serving.RunAsync,
            // SOCKET ROOT [NAME=VALUE]…: subscribes, and then does what it is told: see Subscribing.
            "subscribe" => Subscribing.RunAsync,
            // SOCKET KIND: does what no subscriber should: see Misbehaving.
            "misbehave" => Misbehaving.RunAsync,
            _ => throw new ArgumentException($"there is no part {words[0]}"),
        };
        await part(words[1..]);
        return 0;
    }

    internal static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    /// <summary>The value of NAME=VALUE among some words, or null.</summary>
    internal static string? Option(string[] words, string name) =>
        Array.Find(words, word => word.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    /// <summary>The values of all NAME=VALUE among some words.</summary>
    internal static List<string> Options(string[] words, string name) =>
    [
        .. words.Where(word => word.StartsWith(name + "=", StringComparison.Ordinal))
            .Select(word => word[(name.Length + 1)..]),
    ];
}
