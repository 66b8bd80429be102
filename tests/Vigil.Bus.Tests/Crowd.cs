using System.Globalization;

namespace Vigil.Bus.Tests;

/// <summary>
/// Four subscribers in four processes: two that are left alone, and two that are stopped, killed and started again. The
/// first has the directory around the tree of the storm, so that the others have a part of what is watched, into which
/// and out of which the storm moves things. Those that are disturbed keep mirror and position in a file, as any program
/// would that wants to go on after it was killed.
/// </summary>
internal sealed class Crowd(ServerProcess server, string outer, string root, TempTree states) : IDisposable
{
    private const int Count = 4;
    private const int FirstDisturbed = 2;

    private readonly SubscriberProcess?[] _subscribers = new SubscriberProcess?[Count];
    private readonly bool[] _isStopped = new bool[Count];

    internal void Start()
    {
        Begin(0);
        _ = _subscribers[0]!.WaitFor("ready");
        for (int i = 1; i < Count; i++)
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
        for (int i = FirstDisturbed; i < Count; i++)
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
        for (int i = FirstDisturbed; i < Count; i++)
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
        string state = states.At(string.Create(CultureInfo.InvariantCulture, $"state{index}"));
        _subscribers[index] = index < FirstDisturbed
            ? SubscriberProcess.Begin(server.SocketPath, index == 0 ? outer : root)
            : SubscriberProcess.Begin(server.SocketPath, root, $"state={state}");
    }
}
