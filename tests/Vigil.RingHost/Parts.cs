using System.Globalization;

namespace Vigil.Rings.Tests;

/// <summary>The parts that a process can play.</summary>
internal static class Parts
{
    internal static int Play(string[] words)
    {
        string[] rest = words[1..];
        Action<string[]> part = words[0] switch
        {
            // PATH MODE LAST: reads up to a number, or for 0 until the producer is gone.
            "read" => Reading.Run,
            // Is told "go PATH N": reads, and stops for good between looking at message N and giving it back.
            "victim" => Dying.Consume,
            // Is told "go PATH", then "write N" and "reserve N": "wrote", and "reserved" for good. Or "storm BATCH":
            // writes in batches until it is killed.
            "mortal" => Dying.Produce,
            // PATH LONGEST raw|safe: is told "go": "joined", then reads until it is evicted: "evicted REASON".
            "stoppable" => Stopping.Run,
            // PATH: joins and writes what it is told into its own page: "set", "read", "fuzzed", "evicted REASON".
            "hostile" => Lying.Run,
            // HEARD SAID COUNT token|look SEED: answers each message of one ring in another: "done WAITS WAKES".
            "answer" => Answering.Run,
            // HEARD SAID COUNT: the same, without a thread that sleeps.
            "answerasync" => words => Answering.RunAsync(words).GetAwaiter().GetResult(),
            // PATH raw|wait|async MS: sleeps, when told "sleep" or always: "woke STATUS FOUND MS", "got NUMBER".
            "sleep" => Attacking.Sleep,
            // PATH: is told "go": moves the sleeps of others to a word of its own: "moved COUNT".
            "requeue" => Attacking.Requeue,
            // PATH: takes the descriptors of all messages: "done MESSAGES FILES MISSED MORE_OPEN".
            "take" => Handing.Take,
            // PATH: takes no descriptors: "evicted REASON".
            "hoard" => Handing.Hoard,
            // PATH FILES MESSAGES HANDLES: a producer of descriptors: "spread MORE_OPEN",
            // then "evicted SLOT REASON" and "left SLOT MISSED".
            "spread" => Handing.Spread,
            // PATH: "in SLOT" and "got TEXT", or "out TYPE LINES MESSAGE".
            "join" => Joining.Run,
            _ => throw new ArgumentException($"there is no part {words[0]}"),
        };
        part(rest);
        return 0;
    }

    internal static void Say(string line) => Console.Out.WriteLine(line);

    /// <summary>The next line that the test says; the end of it all if there is none.</summary>
    internal static string Listen() => Console.In.ReadLine() ?? throw new EndOfStreamException("the test is gone");

    /// <summary>Stands still until the process is killed, or the test is gone.</summary>
    internal static void Freeze()
    {
        while (Console.In.ReadLine() is not null)
        {
            // Whatever is said.
        }
    }

    internal static ulong Number(string word) => ulong.Parse(word, CultureInfo.InvariantCulture);
}
