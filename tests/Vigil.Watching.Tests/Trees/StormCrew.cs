using System.Globalization;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// Real processes that change a tree at the same time. They are kept over many storms, as starting them costs.
/// </summary>
internal sealed class StormCrew : IDisposable
{
    private readonly ChildProcess[] _workers;

    internal StormCrew(int count) =>
        _workers = [.. Enumerable.Range(0, count).Select(_ => Sibling.Start("Vigil.Storm"))];

    /// <summary>Has all of them work at once, each on its part of the operations.</summary>
    /// <returns>How many operations did something.</returns>
    internal async Task<int> RunAsync(int seed, int operations, string root, string outside)
    {
        Task<int>[] parts = Send(_workers, seed, operations / _workers.Length, root, outside);
        return (await Task.WhenAll(parts).ConfigureAwait(false)).Sum();
    }

    /// <summary>Has one of them work, so that the result depends on the seed alone.</summary>
    internal Task RunAloneAsync(int seed, int operations, string root, string outside) =>
        Task.WhenAll(Send(_workers[..1], seed, operations, root, outside));

    public void Dispose()
    {
        foreach (ChildProcess worker in _workers)
        {
            worker.Dispose();
        }
    }

    private static Task<int>[] Send(ChildProcess[] workers, int seed, int operations, string root, string outside)
    {
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i].Input.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{unchecked(seed + (i * 7919))}\t{operations}\t{root}\t{outside}"));
            workers[i].Input.Flush();
        }

        return [.. workers.Select(worker => Task.Run(() => Answer(worker)))];
    }

    private static int Answer(ChildProcess worker)
    {
        string line = worker.Output.WaitForLine(
            text => text.StartsWith("done ", StringComparison.Ordinal), "a worker to finish its part of the storm");
        return int.Parse(line["done ".Length..], CultureInfo.InvariantCulture);
    }
}
