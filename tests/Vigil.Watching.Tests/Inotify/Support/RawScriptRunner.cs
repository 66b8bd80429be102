using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Runs a <see cref="RawScript"/> in a directory of its own, with a shell that starts there.</summary>
internal sealed class RawScriptRunner : IDisposable
{
    private static readonly TimeSpan LateEvents = TimeSpan.FromSeconds(5);

    private readonly RawScript _script;
    private readonly TempTree _scratch = new();
    private readonly string _root;
    private readonly Shell _shell;
    private readonly Inotify _inotify = Inotify.Open();
    private readonly Dictionary<string, WatchDescriptor> _watches = new() { ["-"] = new WatchDescriptor(-1) };
    private readonly Dictionary<string, uint> _cookies = [];

    internal RawScriptRunner(RawScript script)
    {
        _script = script;
        _root = _scratch.MakeDirectory("tree");
        _shell = new Shell(_root);
    }

    public void Dispose()
    {
        _inotify.Dispose();
        _shell.Dispose();
        _scratch.Dispose();
    }

    internal void Run()
    {
        foreach (RawScript.Step step in _script.Steps)
        {
            switch (step.Action)
            {
                case RawScript.Action.Watch:
                    string[] words = step.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    Assert.True(InotifyMask.TryParseKernelNames(words[2], out InotifyMask mask), step.Text);
                    _watches[words[0]] = _inotify.Add(Path.Combine(_root, words[1]), mask);
                    break;
                case RawScript.Action.Unwatch:
                    Assert.True(_inotify.Remove(_watches[step.Text]), step.Text);
                    break;
                default:
                    _shell.Run(step.Text);
                    break;
            }

            Compare(step, Collect(step));
        }
    }

    // What a command caused is in the queue when it has ended; only what a process leaves to the kernel may come a
    // little
    // later. A step that waits in vain fails by its comparison, which shows what came.
    private List<RawEvent> Collect(RawScript.Step step)
    {
        List<RawEvent> events = _inotify.Drain();
        int required = step.Expected.Count(static e => !e.IsOptional);
        while (events.Count < required)
        {
            InotifyEvents late = _inotify.Read(LateEvents);
            if (late.IsEmpty)
            {
                break;
            }

            foreach (InotifyEvent e in late)
            {
                events.Add(RawEvent.Copy(e));
            }
        }

        events.AddRange(_inotify.Drain());
        return events;
    }

    private void Compare(RawScript.Step step, List<RawEvent> events)
    {
        int next = 0;
        foreach (RawScript.Expected expected in step.Expected)
        {
            if (next < events.Count && Matches(expected, events[next]))
            {
                next++;
            }
            else if (!expected.IsOptional)
            {
                Fail(step, events, $"{expected} is missing, or comes at another place");
            }
        }

        if (next != events.Count)
        {
            Fail(step, events, $"{events[next]} was not expected");
        }
    }

    private bool Matches(RawScript.Expected expected, RawEvent e)
    {
        if (e.Watch != _watches[expected.Watch].Value || e.Mask != expected.Mask || e.Name != expected.Name)
        {
            return false;
        }

        if (expected.Cookie.Length == 0)
        {
            return e.Cookie == 0;
        }

        // A new cookie name stands for a number that no other name has.
        return _cookies.TryGetValue(expected.Cookie, out uint known)
            ? known == e.Cookie
            : e.Cookie != 0 && !_cookies.ContainsValue(e.Cookie) && _cookies.TryAdd(expected.Cookie, e.Cookie);
    }

    private void Fail(RawScript.Step step, List<RawEvent> events, string what) => Assert.Fail(
        $"{_script.Name}.txt:{step.Line}: {step.Text}\n{what}\nexpected:\n{string.Join('\n', step.Expected)}\n"
        + $"came:\n{string.Join('\n', events)}");
}
