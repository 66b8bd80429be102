using System.Globalization;
using Vigil.Storm;

// One worker of a storm: a process of its own that changes a tree at random, as told on standard input, a line a storm:
//   SEED OPERATIONS ROOT OUTSIDE
// It answers "done COUNT" with the number of operations that did something.
while (Console.ReadLine() is { } line)
{
    string[] words = line.Split('\t');
    var worker = new StormWorker(
        int.Parse(words[0], CultureInfo.InvariantCulture), root: words[2], outside: words[3]);
    int count = worker.Run(int.Parse(words[1], CultureInfo.InvariantCulture));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {count}"));
}
