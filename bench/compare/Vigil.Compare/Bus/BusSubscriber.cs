using System.Diagnostics;

namespace Vigil.Compare.Bus;

/// <summary>A subscriber's process, whose lines a thread of the harness reads that does nothing else.</summary>
internal sealed class BusSubscriber : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private readonly WorkArea _area;
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly HashSet<int> _kept = [];
    private string? _wanted;
    private TaskCompletionSource<long>? _found;

    public BusSubscriber(WorkArea area, ProcessStartInfo start, string? input, string ready)
    {
        _area = area;
        start.RedirectStandardOutput = true;
        start.RedirectStandardInput = input is not null;
        Task<long> isReady = Expect(ready);
        StartedAt = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        area.Adopt(_process);
        if (input is not null)
        {
            // Watchman's command reads to the end before it asks.
            _process.StandardInput.WriteLine(input);
            _process.StandardInput.Close();
        }

        new Thread(Read) { IsBackground = true, Name = "subscriber" }.Start();
        ReadyAt = Await(isReady, "the subscriber to be ready");
    }

    public long StartedAt { get; }

    public long ReadyAt { get; }

    public int ProcessId => _process.Id;

    /// <summary>How many different names of the storm it was told of.</summary>
    public int KeptCount
    {
        get
        {
            lock (_lock)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>A task that ends with the time at which a line with a text was read.</summary>
    public Task<long> Expect(string text)
    {
        lock (_lock)
        {
            _wanted = text;
            _found = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _found.Task;
        }
    }

    public static long Await(Task<long> task, string reason) => task.Wait(Bound)
        ? task.Result
        : throw new InvalidOperationException($"waited {Bound.TotalSeconds} s for {reason}");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _area.Release(_process);
        _process.Dispose();
    }

    private void Read()
    {
        StreamReader lines = _process.StandardOutput;
        while (lines.ReadLine() is { } line)
        {
            long now = Stopwatch.GetTimestamp();
            lock (_lock)
            {
                if (_wanted is not null && line.Contains(_wanted, StringComparison.Ordinal))
                {
                    _wanted = null;
                    _found!.SetResult(now);
                }

                NoteKept(line);
            }
        }
    }

    private void NoteKept(string line)
    {
        const string Mark = BusStorm.KeptName;
        for (int at = line.IndexOf(Mark, StringComparison.Ordinal); at >= 0;
            at = line.IndexOf(Mark, at + 1, StringComparison.Ordinal))
        {
            int number = 0;
            for (int i = at + Mark.Length; i < line.Length && char.IsAsciiDigit(line[i]); i++)
            {
                number = (number * 10) + line[i] - '0';
            }

            _kept.Add(number);
        }
    }
}
