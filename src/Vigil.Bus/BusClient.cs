using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Vigil.Bus.Client;
using Vigil.Bus.Records;
using Vigil.Bus.Trees;
using Vigil.Bus.Wire;
using Vigil.Platform;
using Vigil.Platform.Linux;
using Vigil.Watching;

namespace Vigil.Bus;

/// <summary>
/// Subscribes to trees that a server watches for every process (<c>vigil serve</c>). Each subscription and each
/// question has a connection of its own; a server that is lost is looked for again. Thread-safe.
/// </summary>
/// <example><code>
/// await using var bus = await BusClient.ConnectAsync();
/// await foreach (FileChange change in bus.SubscribeAsync("/srv/data"))
///     Console.WriteLine(change);
/// </code></example>
public sealed class BusClient : IAsyncDisposable
{
    private const int FirstPauseMs = 10;
    private const int LongestPauseMs = 500;

    private readonly BusClientOptions _options;
    private readonly CancellationTokenSource _disposing = new();

    private BusClient(BusClientOptions options) => _options = options;

    /// <summary>Whether there was no server when it looked for one, and it watches by itself
    /// (<see cref="BusClientOptions.AllowLocal"/>).</summary>
    public bool IsLocal { get; private set; }

    /// <summary>The server's process; 0 where there is none, and with
    /// <see cref="BusClientOptions.AsksOnce"/>.</summary>
    public int ServerProcessId { get; private set; }

    /// <summary>Where the server's socket is.</summary>
    public string SocketPath => _options.SocketPath!;

    /// <summary>Finds the server of this user.</summary>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The client; the caller disposes it.</returns>
    /// <exception cref="BusException">There is no server (NoServer), or it refused, or says nothing
    /// (TimedOut).</exception>
    /// <exception cref="OperationCanceledException">The attempt was ended.</exception>
    public static Task<BusClient> ConnectAsync(CancellationToken cancellation = default) =>
        ConnectAsync(new BusClientOptions(), cancellation);

    /// <summary>Finds a server, starts one, or does without, as the options say.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>The client; the caller disposes it.</returns>
    /// <exception cref="BusException">There is no server (NoServer), or it refused, or says nothing
    /// (TimedOut).</exception>
    /// <exception cref="ArgumentException">The path is longer than a socket's may be.</exception>
    /// <exception cref="OperationCanceledException">The attempt was ended.</exception>
    public static async Task<BusClient> ConnectAsync(
        BusClientOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client = new BusClient(options.Copy());
        if (client._options.AsksOnce)
        {
            return client;
        }

        try
        {
            using BusConnection connection = await client.OpenAsync(cancellation).ConfigureAwait(false);
            client.ServerProcessId = connection.ServerProcessId;
        }
        catch (BusException e) when (client._options.AllowLocal
            && e.Problem is BusProblem.NoServer or BusProblem.Ended or BusProblem.TimedOut)
        {
            client.IsLocal = true;
        }

        return client;
    }

    /// <summary>Subscribes to a tree. Nothing happens before the result is read.</summary>
    /// <param name="root">A directory or a file; relative to the current directory. Symbolic links in it are followed,
    /// once.</param>
    /// <param name="options">What is wanted; null for every change from now on.</param>
    /// <param name="cancellation">Ends the subscription.</param>
    /// <returns>The changes. Reading them throws <see cref="BusException"/> where the server refuses, or cannot be
    /// reached, or not again within <see cref="BusClientOptions.ReconnectTimeout"/>; with
    /// <see cref="BusClientOptions.AllowLocal"/> <see cref="VigilException"/> where the client cannot watch by itself
    /// either.</returns>
    /// <exception cref="ArgumentException">A glob cannot be meant as it is.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public BusSubscription SubscribeAsync(
        string root, SubscribeOptions? options = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        SubscribeOptions copy = (options ?? new SubscribeOptions()).Copy();
        _ = new PathFilter(copy.Include, copy.Ignore);
        string full = Complete(root);
        var syncs = new PendingSyncs();
        var pace = new ReconnectPace(_options.ReconnectTimeout, TimeProvider.System);
        var reader = new BusReader(this, PathText.ToBytes(full), copy, syncs, pace);
        return new BusSubscription(
            _options.AllowLocal ? new FallbackReader(reader, full, copy, syncs) : reader, syncs, cancellation);
    }

    /// <summary>Where the history of a tree is now: everything that happened before this call is before it.</summary>
    /// <param name="root">The root; it is watched from now on, for a while at least.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The position.</returns>
    /// <exception cref="BusException">The server refused, or is gone (NoServer where there is none), or did not answer
    /// in time (TimedOut).</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<ChangePosition> ClockAsync(string root, CancellationToken cancellation = default)
    {
        using BusConnection connection = await AskAsync(
            new SubscribeMessage { Root = PathText.ToBytes(Complete(root)) }.Write(MessageKind.Clock),
            cancellation).ConfigureAwait(false);
        (ReadOnlyMemory<byte> message, MemoryFile? file) =
            await connection.ReceiveAsync(MessageKind.ClockIs, cancellation).ConfigureAwait(false);
        file?.Dispose();
        var reader = new MessageReader(message.Span);
        return new ChangePosition(reader.ReadUInt64(), reader.ReadInt64());
    }

    /// <summary>
    /// What happened in a tree after a position and before this call, and then it ends: the last is
    /// <see cref="FileChangeKind.Rescanned"/>, whose position is the one to ask with next. Where that is not kept,
    /// <see cref="FileChangeKind.Fresh"/> comes first and all that is there.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="position">The position; none for all that is there.</param>
    /// <param name="options">What is wanted; null for everything.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The changes. Reading them throws <see cref="BusException"/> where the server refuses, or does not
    /// answer in time (TimedOut).</returns>
    public async IAsyncEnumerable<FileChange> SinceAsync(
        string root,
        ChangePosition position,
        SubscribeOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options ??= new SubscribeOptions();
        byte[] asked = PathText.ToBytes(Complete(root));
        using BusConnection connection = await AskAsync(
            new SubscribeMessage
            {
                Root = asked,
                Kinds = options.Kinds,
                Flags = SubscribeFlags.Since,
                Since = position,
                Include = [.. options.Include],
                Exclude = [.. options.Ignore],
            }.Write(MessageKind.Since),
            cancellation).ConfigureAwait(false);
        (CaughtUpMessage answer, SharedRecords records) =
            await BusReader.ReceiveCaughtUpAsync(connection, cancellation).ConfigureAwait(false);
        using (records)
        {
            var decoder = new ChangeDecoder(asked) { Epoch = answer.Position.Epoch, RealRoot = answer.Root };
            if (answer.Mode == CatchUpMode.Fresh)
            {
                yield return decoder.Notice(FileChangeKind.Fresh, 0, new WatchNotice
                {
                    Reason = "the changes since then are not kept; what is there follows",
                });
            }

            while (Next(records, decoder, options.Kinds) is { } change)
            {
                yield return change;
            }

            yield return decoder.Notice(FileChangeKind.Rescanned, answer.Position.Number, notice: null);
        }
    }

    /// <summary>What the server says about itself.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Its trees and subscribers.</returns>
    /// <exception cref="BusException">The server refused, or is gone, or says nothing (TimedOut).</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<BusStatus> StatusAsync(CancellationToken cancellation = default)
    {
        using BusConnection connection = await AskAsync(
            new MessageWriter(MessageKind.Status).ToArray(), cancellation).ConfigureAwait(false);
        (ReadOnlyMemory<byte> message, MemoryFile? file) =
            await connection.ReceiveAsync(MessageKind.StatusIs, cancellation, BusConnection.WordLimit)
                .ConfigureAwait(false);
        using var json = new SharedRecords(file, LengthIn(message.Span));
        return JsonSerializer.Deserialize(json.Bytes, BusStatusContext.Default.BusStatus)
            ?? throw new BusException(BusProblem.Protocol, "the server tells nothing about itself");
    }

    /// <summary>Ends attempts to reach the server again. Subscriptions end when they are no longer read.</summary>
    /// <returns>A task that ends then.</returns>
    public async ValueTask DisposeAsync() => await _disposing.CancelAsync().ConfigureAwait(false);

    /// <summary>A connection, if need be to a server that is started for it.</summary>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="lost">How long one is looked for that was lost; null where it is the first.</param>
    internal async Task<BusConnection> OpenAsync(CancellationToken cancellation, TimeSpan? lost = null)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposing.Token);
        TimeSpan limit = lost ?? _options.ReconnectTimeout;

        // Where none could be started before, that is not tried again with each subscription.
        IReadOnlyList<string>? command = IsLocal ? null : _options.StartCommand;
        bool mayComeBack = lost is not null || command is not null;
        long start = Stopwatch.GetTimestamp();
        for (int pauseMs = FirstPauseMs; ; pauseMs = Math.Min(LongestPauseMs, pauseMs * 2))
        {
            try
            {
                return await BusConnection.OpenAsync(_options, linked.Token).ConfigureAwait(false);
            }
            catch (BusException e) when (mayComeBack
                && e.Problem is BusProblem.NoServer or BusProblem.Ended or BusProblem.TimedOut
                && (limit == Timeout.InfiniteTimeSpan || Stopwatch.GetElapsedTime(start) < limit))
            {
                // It may be on its way.
            }

            if (command is { Count: > 0 })
            {
                ServerStarter.Start(command, SocketPath);
                command = null;
            }

            await Task.Delay(pauseMs, linked.Token).ConfigureAwait(false);
        }
    }

    private static long LengthIn(ReadOnlySpan<byte> message) => (long)new MessageReader(message).ReadUInt64();

    private static FileChange? Next(SharedRecords records, ChangeDecoder decoder, FileChangeKinds kinds)
    {
        while (records.TryRead(out ChangeRecord record))
        {
            if (record.Kind != RecordFields.Mark && decoder.IsAskedFor(record, kinds))
            {
                return decoder.Decode(record);
            }
        }

        return null;
    }

    private static string Complete(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        return WorkingDirectory.Complete(root);
    }

    private async Task<BusConnection> AskAsync(byte[] message, CancellationToken cancellation)
    {
        BusConnection connection = await OpenAsync(cancellation).ConfigureAwait(false);
        try
        {
            connection.Send(message);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
