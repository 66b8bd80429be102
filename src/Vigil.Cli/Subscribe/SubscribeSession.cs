using System.Threading.Channels;
using Vigil.Bus;
using Vigil.Cli.Buses;
using Vigil.Cli.Watch;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Cli.Subscribe;

/// <summary>Subscribes to the PATHs and prints their changes, as one stream.</summary>
internal sealed class SubscribeSession(
    WatchOptions options, BusClientOptions client, ChangePosition since, bool withDescriptors, SessionEnd end)
    : IDisposable
{
    private const int Capacity = 4096;

    private readonly BusOutput _output = new(options, end);
    private readonly CancellationTokenSource _reading = new();
    private readonly Channel<FileChange> _changes = Channel.CreateBounded<FileChange>(Capacity);
    private int _left = options.Paths.Count;

    /// <summary>Runs until the end.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        Task running = RunAsync();
        end.Wait();
        bool isWhole = end.WaitFor(running);
        _output.TellLost(isWhole);
        return end.Status;
    }

    public void Dispose() => _reading.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await using BusClient bus = await BusClient.ConnectAsync(client, end.Token).ConfigureAwait(false);
            BusSubscription[] subscriptions = [.. options.Paths.Select(path => Subscribe(bus, path))];

            // One is printed as it is read: each thread on the way to the line costs a wake, and on a busy machine a
            // turn.
            Task[] reading = subscriptions.Length == 1 ? [] : [.. subscriptions.Select(ReadAsync)];
            Task printing = PrintAsync(
                subscriptions is [var only] ? only : _changes.Reader.ReadAllAsync(CancellationToken.None));
            await Task.WhenAny(printing, Task.Delay(Timeout.Infinite, end.Token)).ConfigureAwait(false);
            await TakeLastAsync(subscriptions, printing).ConfigureAwait(false);
            await _reading.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(reading).ConfigureAwait(false);
            _ = _changes.Writer.TryComplete();
            await printing.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.HasCome)
        {
            // It ended before there was a server.
        }
        catch (Exception e) when (e is BusException or VigilException)
        {
            Talk.Error(e.Message);
            end.Fail();
        }
        catch (Exception e)
        {
            Talk.Unexpected(e);
            end.Fail();
        }
    }

    // What happened before the end is told before it, as far as that takes no longer than the end may take.
    private static async Task TakeLastAsync(BusSubscription[] subscriptions, Task printing)
    {
        if (printing.IsCompleted)
        {
            return;
        }

        try
        {
            Task synced = Task.WhenAll(subscriptions.Select(subscription => subscription.SyncAsync()));
            await Task.WhenAny(synced, printing).WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or BusException or ObjectDisposedException)
        {
            // There is nothing more to be had.
        }
    }

    private BusSubscription Subscribe(BusClient bus, string path)
    {
        var wanted = new SubscribeOptions
        {
            Since = since,
            ReportInitial = options.ReportsInitial,
            WithDescriptors = withDescriptors,
            Kinds = options.Kinds,
        };
        foreach (string glob in options.Include)
        {
            wanted.Include.Add(glob);
        }

        foreach (string glob in options.Exclude)
        {
            wanted.Ignore.Add(glob);
        }

        return bus.SubscribeAsync(path, wanted, _reading.Token);
    }

    private async Task ReadAsync(BusSubscription subscription)
    {
        try
        {
            await foreach (FileChange change in subscription.ConfigureAwait(false))
            {
                await _changes.Writer.WriteAsync(change, _reading.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e) when (e is BusException or VigilException)
        {
            Talk.Error(e.Message);
            end.HasErrors = true;
        }
        catch (Exception e)
        {
            Talk.Unexpected(e);
            end.HasErrors = true;
        }

        if (Interlocked.Decrement(ref _left) == 0)
        {
            _ = _changes.Writer.TryComplete();
        }
    }

    private async Task PrintAsync(IAsyncEnumerable<FileChange> source)
    {
        try
        {
            if (await PrintAllAsync(source).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The end has come; what was read by then is printed.
        }
        catch (Exception e) when (e is BusException or VigilException)
        {
            Talk.Error(e.Message);
            end.HasErrors = true;
        }

        _ = _output.Flush();
        if (!end.HasCome)
        {
            if (!end.HasErrors)
            {
                Talk.Error("every subscribed path is gone");
            }

            end.Finish(ExitStatus.Error);
        }
    }

    // True where it ended by what was printed.
    private async Task<bool> PrintAllAsync(IAsyncEnumerable<FileChange> source)
    {
        long left = options.Count == 0 ? long.MaxValue : options.Count;
        long sequence = 0;
        IAsyncEnumerator<FileChange> changes = source.GetAsyncEnumerator(_reading.Token);
        await using (changes.ConfigureAwait(false))
        {
            while (true)
            {
                // What has gathered is written when there is nothing more at hand.
                ValueTask<bool> next = changes.MoveNextAsync();
                if (!next.IsCompleted && !_output.Flush())
                {
                    // Which also ends the wait.
                    end.Finish(ExitStatus.Success);
                }

                if (!await next.ConfigureAwait(false))
                {
                    return false;
                }

                FileChange change = changes.Current;
                _output.Print(change.WithSequence(++sequence));
                if (change.Kind < FileChangeKind.Ready && !change.IsInitial && --left == 0)
                {
                    _output.Flush();
                    end.Finish(ExitStatus.Success);
                    return true;
                }
            }
        }
    }
}
