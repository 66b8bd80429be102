using System.Diagnostics;
using Vigil.Compare.Report;
using Vigil.Compare.Speed;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Bus;

/// <summary>
/// The bus beside watchman: one after the other within every repetition, on the same large tree, each with a service
/// that was started for it.
/// </summary>
internal sealed class BusRun(Settings settings, WorkArea area)
{
    private const int ChangesAStep = 4;
    private const int Subscribers = 10;
    private const int Writes = 200;
    private const int WarmWrites = 20;
    private const int Queries = 15;
    private const int NewFiles = 100;

    private readonly List<BusSample> _samples = [];
    private readonly List<string> _wrong = [];

    public int Run()
    {
        MachineLoad load = new();
        string parent = settings.Parents[^1];
        LargeTree tree = LargeTree.Make(area.NewFolder(parent, "bus"), settings.Leaves);
        bool hasWatchman = Programs.FirstLine("watchman", "--version") is not null;
        for (int repetition = 0; repetition < settings.Repeat; repetition++)
        {
            foreach (int which in repetition % 2 == 0 ? (int[])[0, 1] : [1, 0])
            {
                if (which == 1 && !hasWatchman)
                {
                    continue;
                }

                _ = tree.Warm();
                string folder = area.NewFolder(Path.GetTempPath(), "socket");
                using BusPeer peer = which == 0
                    ? new VigilBusPeer(area, settings.VigilPath, folder)
                    : new WatchmanPeer(area, folder);
                Measure(peer, tree, repetition);
            }

            using VigilBusPeer many = new(area, settings.VigilPath, area.NewFolder(Path.GetTempPath(), "socket"));
            new BusCrowd(many, tree, repetition, _wrong).Measure((row, value) => Add(many, repetition, row, value));
        }

        Dictionary<string, string> versions = new()
        {
            ["watchman"] = Programs.FirstLine("watchman", "--version") ?? "not there",
        };
        Machine machine = Machine.Describe(settings, versions, hasWatchman ? [] : ["watchman"], load);
        return new BusReport(settings, machine, _samples, _wrong).Write(tree);
    }

    private void Measure(BusPeer peer, LargeTree tree, int repetition)
    {
        void Add(string row, double value) => this.Add(peer, repetition, row, value);
        peer.Start();
        long start = Stopwatch.GetTimestamp();
        List<BusSubscriber> subscribers = [peer.Subscribe(tree.Root)];
        try
        {
            Add(BusSample.Ready, Stopwatch.GetElapsedTime(start, subscribers[0].ReadyAt).TotalMilliseconds);
            Add(BusSample.Memory, peer.ServerRssKib() / 1024.0);
            if (peer is VigilBusPeer ours && ours.CountPolled() is > 0 and long polled)
            {
                _wrong.Add($"{peer.Title}: {polled} directories are polled, for this user's watches are used up");
            }

            MeasureLatency(peer, tree, subscribers[0], Add);
            Add(BusSample.CpuOne, MeasureStorm(peer, tree, subscribers, repetition));
            start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Subscribers; i++)
            {
                subscribers.Add(peer.Subscribe(tree.Root));
            }

            Add(BusSample.Another, Stopwatch.GetElapsedTime(start).TotalMilliseconds / Subscribers);

            // Ten that are all alike: the first was told of the storm before.
            subscribers[0].Dispose();
            subscribers.RemoveAt(0);
            Add(BusSample.CpuTen, MeasureStorm(peer, tree, subscribers, repetition));
            MeasureSince(peer, tree, repetition, Add);
        }
        finally
        {
            subscribers.ForEach(subscriber => subscriber.Dispose());
        }
    }

    private void Add(BusPeer peer, int repetition, string row, double value)
    {
        _samples.Add(new BusSample(row, peer.Title, repetition, value));
        Console.Error.WriteLine($"bus {repetition + 1}/{settings.Repeat} {peer.Title}: {row} {value:0.###}");
    }

    private void MeasureLatency(
        BusPeer peer, LargeTree tree, BusSubscriber subscriber, Action<string, double> add)
    {
        // What the machine did meanwhile shows in the line of a program that does nothing but read.
        List<double> milliseconds = [], plain = [];
        var random = new Random(1);
        string directory = tree.Probes.First();
        using BusSubscriber reader = new(
            area,
            new ProcessStartInfo(Path.Combine(settings.NativeTools, "reader"), ["eager", directory]),
            input: null,
            "ready");
        for (int i = 0; i < Writes + WarmWrites; i++)
        {
            // A watchman that is told of one thing lets a while pass before it tells of the next.
            Thread.Sleep(30 + random.Next(20));
            string name = $"{peer.Title.Replace(' ', '-')}-latency-{i}-{random.Next()}";
            Task<long> told = subscriber.Expect(name);
            Task<long> read = reader.Expect(name);
            long start = Stopwatch.GetTimestamp();
            File.WriteAllBytes(Path.Combine(directory, name), []);
            long at = BusSubscriber.Await(told, $"{peer.Title} to tell of a file");
            if (i >= WarmWrites)
            {
                milliseconds.Add(Stopwatch.GetElapsedTime(start, at).TotalMilliseconds);
                at = BusSubscriber.Await(read, "the plain reader to tell of a file");
                plain.Add(Stopwatch.GetElapsedTime(start, at).TotalMilliseconds);
            }

            File.Delete(Path.Combine(directory, name));
        }

        Statistics statistics = new(milliseconds);
        add(BusSample.Latency50, statistics.Percentile(50));
        add(BusSample.Latency99, statistics.Percentile(99));
        statistics = new Statistics(plain);
        add(BusSample.Plain50, statistics.Percentile(50));
        add(BusSample.Plain99, statistics.Percentile(99));
    }

    // Microseconds of the service for each change, until all subscribers have been told of everything.
    private double MeasureStorm(
        BusPeer peer, LargeTree tree, List<BusSubscriber> subscribers, int repetition)
    {
        int steps = (int)Math.Min(settings.Operations / ChangesAStep, int.MaxValue);
        string name = $"last-{repetition}-{subscribers.Count}-{Environment.TickCount64}";
        string folder = Directory.CreateDirectory(Path.Combine(tree.Root, "storm-" + name)).FullName;
        Thread.Sleep(500);
        Task<long>[] told = [.. subscribers.Select(subscriber => subscriber.Expect($"/{name}\""))];
        TimeSpan before = peer.ServerCpu();
        BusStorm.Run(folder, steps, name);
        foreach (Task<long> task in told)
        {
            _ = BusSubscriber.Await(task, $"{peer.Title} to tell of the end of the storm");
        }

        TimeSpan cpu = peer.ServerCpu() - before;
        foreach (BusSubscriber subscriber in subscribers)
        {
            if (subscriber.KeptCount < steps)
            {
                _wrong.Add($"{peer.Title}: a subscriber was told of {subscriber.KeptCount} of {steps} files");
            }
        }

        Directory.Delete(folder, recursive: true);
        Thread.Sleep(500);
        return cpu.TotalMicroseconds / ((double)steps * ChangesAStep);
    }

    private void MeasureSince(BusPeer peer, LargeTree tree, int repetition, Action<string, double> add)
    {
        List<double> milliseconds = [];
        string folder = Directory.CreateDirectory(Path.Combine(tree.Root, $"since-{repetition}-{peer.Title}")).FullName;
        for (int query = 0; query < Queries; query++)
        {
            string position = peer.Clock(tree.Root);
            for (int i = 0; i < NewFiles; i++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"q{query}-{i}."), []);
            }

            Thread.Sleep(100);
            long start = Stopwatch.GetTimestamp();
            string answer = peer.Since(tree.Root, position);
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            int missing = Enumerable.Range(0, NewFiles)
                .Count(i => !answer.Contains($"q{query}-{i}.\"", StringComparison.Ordinal));
            if (answer.Contains("\"kind\":\"fresh\"", StringComparison.Ordinal)
                || answer.Contains("\"is_fresh_instance\":true", StringComparison.Ordinal))
            {
                _wrong.Add($"{peer.Title}: since gave the whole state instead of what had changed");
            }

            if (missing > 0)
            {
                _wrong.Add($"{peer.Title}: since did not tell of {missing} of {NewFiles} files");
            }
        }

        Directory.Delete(folder, recursive: true);
        add(BusSample.Since, new Statistics(milliseconds).Median);
    }
}
