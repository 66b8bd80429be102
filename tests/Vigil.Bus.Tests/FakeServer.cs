using Vigil.Bus.Wire;
using Vigil.Platform.Linux;

namespace Vigil.Bus.Tests;

/// <summary>
/// Somebody who listens where a server is to be, greets whoever comes, and then does what a test wants with each.
/// </summary>
internal sealed class FakeServer : IDisposable
{
    private readonly UnixSocket _door;
    private readonly Action<UnixSocket> _answer;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;
    private int _questions;

    private FakeServer(string path, Action<UnixSocket> answer)
    {
        _answer = answer;
        _door = UnixSocket.Listen(path, packets: true);
        Path = path;
        _serving = Task.Factory.StartNew(Serve, TaskCreationOptions.LongRunning);
    }

    internal string Path { get; }

    /// <summary>How many questions came.</summary>
    internal int Questions => Volatile.Read(ref _questions);

    /// <summary>Listens.</summary>
    /// <param name="path">Where.</param>
    /// <param name="answer">Called with each who has asked for something; the connection ends when it returns, but for
    /// those who are to wait.</param>
    internal static FakeServer Start(string path, Action<UnixSocket> answer) => new(path, answer);

    /// <summary>One who greets, and then says nothing more.</summary>
    internal static FakeServer StartMute(string path, params byte[][] first)
    {
        FakeServer? mute = null;
        mute = Start(path, peer =>
        {
            foreach (byte[] message in first)
            {
                _ = peer.TrySend(message, []);
            }

            mute!._end.Token.WaitHandle.WaitOne();
        });
        return mute;
    }

    /// <summary>A message that refuses.</summary>
    internal static byte[] Refusal(BusProblem problem, string reason) =>
        new MessageWriter(MessageKind.Refused).Write((uint)problem).Write(reason).ToArray();

    public void Dispose()
    {
        _end.Cancel();
        _serving.Wait();
        _door.Dispose();
        File.Delete(Path);
    }

    private void Serve()
    {
        while (!_end.IsCancellationRequested)
        {
            if (_door.WaitReadable(timeoutMs: 20) && _door.TryAccept(out _) is { } peer)
            {
                _ = Task.Factory.StartNew(() => Serve(peer), TaskCreationOptions.LongRunning);
            }
        }
    }

    private void Serve(UnixSocket peer)
    {
        using (peer)
        {
            if (!TryHear(peer))
            {
                return;
            }

            _ = peer.TrySend(
                new MessageWriter(MessageKind.Welcome).Write(Protocol.Version).Write(1u).ToArray(), []);
            if (TryHear(peer))
            {
                _ = Interlocked.Increment(ref _questions);
                _answer(peer);
            }
        }
    }

    private static bool TryHear(UnixSocket peer)
    {
        byte[] buffer = new byte[Protocol.MaxMessageBytes];
        _ = peer.WaitReadable(timeoutMs: 30_000);
        _ = peer.TryReceive(buffer, out ReceivedMessage received);
        using (received)
        {
            return received.LengthBytes > 0;
        }
    }
}
