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
        Set(words, "grace", value => options.GracePeriod = TimeSpan.FromMilliseconds(value));
        Set(words, "history", value => options.HistoryBytes = value);
        Set(words, "ring", value => options.RingBytes = value);
        Set(words, "hello", value => options.HelloTimeout = TimeSpan.FromMilliseconds(value));
        Set(words, "user", value => options.AllowedUserIds.Add((uint)value));
        Set(words, "idle", value => options.EndsWhenIdle = value != 0);
        if (Parts.Option(words, "allow") is { } root)
        {
            options.AllowedRoots.Add(root);
        }

        await using BusServer server = BusServer.Start(options);
        Parts.Say("serving");
        Task told = Task.Run(() => Console.In.ReadToEnd());
        await Task.WhenAny(told, server.Completion);
    }

    private static void Set(string[] words, string name, Action<int> set)
    {
        if (Parts.Option(words, name) is { } value)
        {
            set(int.Parse(value, CultureInfo.InvariantCulture));
        }
    }
}
