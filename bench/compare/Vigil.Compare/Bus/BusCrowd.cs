using System.Diagnostics;
using Vigil.Compare.Speed;

namespace Vigil.Compare.Bus;

/// <summary>
/// Fifty processes that subscribe to one large tree: what each costs, and how soon all of them know that the service
/// was killed in the middle of a storm.
/// </summary>
internal sealed class BusCrowd(VigilBusPeer peer, LargeTree tree, int repetition, List<string> wrong)
{
    private const int Subscribers = 50;
    private const int StepsBefore = 2_000;
    private const int Steps = 20_000;

    /// <summary>Measures, and ends the service.</summary>
    public void Measure(Action<string, double> add)
    {
        peer.Start();
        List<BusSubscriber> subscribers = [peer.Subscribe(tree.Root)];
        try
        {
            int watches = peer.CountWatches();
            long kib = peer.ServerRssKib();
            while (subscribers.Count < Subscribers)
            {
                subscribers.Add(peer.Subscribe(tree.Root));
            }

            BusSubscriber last = subscribers[^1];
            add(BusSample.Fiftieth, Stopwatch.GetElapsedTime(last.StartedAt, last.ReadyAt).TotalMilliseconds);
            add(BusSample.MemoryEach, (peer.ServerRssKib() - kib) / (double)(Subscribers - 1));
            if (peer.CountWatches() is var now && (now != watches || now < tree.Directories))
            {
                wrong.Add($"{peer.Title}: {watches} kernel watches for one subscriber, {now} for {Subscribers}, "
                    + $"of {tree.Directories} directories");
            }

            add(BusSample.Killed, Kill(subscribers));
        }
        finally
        {
            subscribers.ForEach(subscriber => subscriber.Dispose());
        }
    }

    // Milliseconds until every subscriber has said that the service is gone. Nobody starts it again, so nothing but its
    // end can have told them.
    private double Kill(List<BusSubscriber> subscribers)
    {
        string folder = Directory.CreateDirectory(Path.Combine(tree.Root, $"killed-{repetition}")).FullName;
        Task<long>[] begun = [.. subscribers.Select(subscriber => subscriber.Expect("/begun-"))];
        BusStorm.Run(Directory.CreateDirectory(Path.Combine(folder, "before")).FullName, StepsBefore, "begun-");
        foreach (Task<long> task in begun)
        {
            _ = BusSubscriber.Await(task, $"{peer.Title} to tell of the storm");
        }

        Task<long>[] told = [.. subscribers.Select(subscriber => subscriber.Expect("the server is gone"))];
        string during = Directory.CreateDirectory(Path.Combine(folder, "during")).FullName;
        Task storm = Task.Run(() => BusStorm.Run(during, Steps, "last"));
        long start = Stopwatch.GetTimestamp();
        Libc.Signal(peer.ServerId, Libc.SIGKILL);
        long at = told.Max(task => BusSubscriber.Await(task, "a subscriber to notice that the service was killed"));
        if (storm.IsCompleted)
        {
            wrong.Add($"{peer.Title}: the storm was over before all had noticed that the service was killed");
        }

        storm.Wait();
        Directory.Delete(folder, recursive: true);
        return Stopwatch.GetElapsedTime(start, at).TotalMilliseconds;
    }
}
