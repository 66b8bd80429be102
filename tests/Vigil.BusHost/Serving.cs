using System.Globalization;

namespace Vigil.Bus.Tests;

/// <summary>A server in a process of its own.</summary>
internal static class Serving
{
    internal static async Task RunAsync(string[] words)
    {
        var options = new BusServerOptions
        {
            SocketPath = words[0],
            Log = line => Parts.Say("log " + line.ReplaceLineEndings(" ")),
        };
        Set(words, "grace", value =>
        {
            options.GracePeriod = TimeSpan.FromMilliseconds(value);
            options.PositionGracePeriod = options.GracePeriod;
        });
        Set(words, "patience", value => options.ReaderPatience = TimeSpan.FromMilliseconds(value));
        Set(words, "history", value => options.HistoryBytes = value);
        Set(words, "ring", value => options.RingBytes = value);
        Set(words, "hello", value => options.HelloTimeout = TimeSpan.FromMilliseconds(value));
        Set(words, "user", value => options.AllowedUserIds.Add((uint)value));
        Set(words, "stall", value => options.StallTimeout = TimeSpan.FromMilliseconds(value));
        Set(words, "patience", value => options.ReaderPatience = TimeSpan.FromMilliseconds(value));
        Set(words, "unreceived", value => options.MaxUnreceivedBytesPerUser = value);
        Set(words, "directories", value => options.MaxDirectoriesPerForeignUser = value);
        Set(words, "trees", value => options.MaxTreesPerForeignUser = value);
        Set(words, "idle", value => options.EndsWhenIdle = value != 0);
        if (Parts.Option(words, "allow") is { } root)
        {
            options.AllowedRoots.Add(root);
        }

        await using BusServer server = BusServer.Start(options);
        Parts.Say("serving");
        Task told = Task.Factory.StartNew(Listen, TaskCreationOptions.LongRunning);
        await Task.WhenAny(told, server.Completion);
    }

    // "stuff": the thread pool has work that blocks, more than it will ever have threads for; "empty" ends it.
    private static void Listen()
    {
        var isOver = new ManualResetEventSlim();
        while (Console.In.ReadLine() is { } line)
        {
            switch (line)
            {
                case "stuff":
                    for (int i = 0; i < 5000; i++)
                    {
                        _ = ThreadPool.UnsafeQueueUserWorkItem(_ => isOver.Wait(), null);
                    }

                    Parts.Say("stuffed");
                    break;
                default:
                    isOver.Set();
                    break;
            }
        }

        isOver.Set();
    }

    private static void Set(string[] words, string name, Action<int> set)
    {
        if (Parts.Option(words, name) is { } value)
        {
            set(int.Parse(value, CultureInfo.InvariantCulture));
        }
    }
}
