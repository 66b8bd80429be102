using System.Globalization;

namespace Vigil.Bus.Tests;

/// <summary>
/// Subscribers in processes of their own: some are left alone, and some are stopped, killed and started again. The
/// first have the directory around the tree of the storm, so that the others have a part of what is watched, into which
/// and out of which the storm moves things. Some see only what their globs let through, one gets open files. Those that
/// are disturbed keep mirror and position in a file, as any program would that wants to go on after it was killed.
/// </summary>
internal sealed class Crowd(ServerProcess server, string outer, string root, TempTree states) : IDisposable
{
    // What each wants; the names are those that a storm gives.
    private static readonly string[][] Wishes =
    [
        [],
        ["include=*.txt", "include=a", "ignore=root/c"],
        ["fds=quiet", "ignore=/d/"],
        [],
        ["include=b/**", "include=g.txt", "ignore=b/e/"],
        [],
    ];

    private const int OuterCount = 2;
    private const int FirstDisturbed = 3;

    private readonly SubscriberProcess?[] _subscribers = new SubscriberProcess?[Wishes.Length];
    private readonly bool[] _isStopped = new bool[Wishes.Length];

    internal void Start()
    {
        Begin(0);
        _ = _subscribers[0]!.WaitFor("ready");
        for (int i = 1; i < Wishes.Length; i++)
        {
            Begin(i);
        }

        foreach (SubscriberProcess? subscriber in _subscribers.Skip(1))
        {
            _ = subscriber!.WaitFor("ready");
        }
    }

    /// <summary>Stops, kills or leaves alone each of the two.</summary>
    internal void Disturb(Random random)
    {
        for (int i = FirstDisturbed; i < Wishes.Length; i++)
        {
            switch (random.Next(4))
            {
                case 0:
                    _subscribers[i]!.Process.Send(Signal.SIGSTOP);
                    _isStopped[i] = true;
                    break;
                case 1:
                    _subscribers[i]!.Kill();
                    _subscribers[i] = null;
                    break;
                case 2:
                    // And back again while the storm goes on.
                    _subscribers[i]!.Kill();
                    Begin(i);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Lets all of them run again.</summary>
    internal void Restore()
    {
        for (int i = FirstDisturbed; i < Wishes.Length; i++)
        {
            if (_subscribers[i] is null)
            {
                Begin(i);
            }

            if (_isStopped[i])
            {
                _subscribers[i]!.Process.Send(Signal.SIGCONT);
                _isStopped[i] = false;
            }
        }
    }

    /// <summary>Stops the last one.</summary>
    internal void StopLast()
    {
        _subscribers[^1]!.Process.Send(Signal.SIGSTOP);
        _isStopped[^1] = true;
    }

    /// <summary>How many lines with a start those said that run now.</summary>
    internal int CountLines(string start) => _subscribers
        .Sum(subscriber => subscriber!.Lines.Count(line => line.StartsWith(start, StringComparison.Ordinal)));

    /// <summary>Every mirror is the disk.</summary>
    internal void Check()
    {
        foreach (SubscriberProcess? subscriber in _subscribers)
        {
            Assert.True(subscriber!.Check() > 0, "there is the root at least");
        }
    }

    public void Dispose()
    {
        foreach (SubscriberProcess? subscriber in _subscribers)
        {
            subscriber?.Dispose();
        }
    }

    private void Begin(int index)
    {
        string[] words = Wishes[index];
        if (index >= FirstDisturbed)
        {
            words = [.. words, $"state={states.At(string.Create(CultureInfo.InvariantCulture, $"state{index}"))}"];
        }

        _subscribers[index] =
            SubscriberProcess.Begin(server.SocketPath, index < OuterCount ? outer : root, words);
    }
}
