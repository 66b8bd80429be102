namespace Vigil.Rings.Tests;

/// <summary>A message costs no memory: what a million of them allocate is nothing.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests : IDisposable
{
    private const int Repetitions = 3;
    private const int Messages = 1_000_000;
    private const int Batch = 16;

    private readonly Pair _pair = new(capacityBytes: 1 << 16);
    private readonly RingConsumer _consumer;
    private readonly byte[] _payload = new byte[48];
    private long _read;

    public AllocationTests() => _consumer = _pair.Join();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void To_write_and_to_read() => ExpectNone(Messages, () =>
    {
        Assert.True(_pair.Producer.TryWrite(_payload));
        Read();
    });

    [Fact]
    public void To_reserve_and_to_commit() => ExpectNone(Messages, () =>
    {
        for (int i = 0; i < Batch; i++)
        {
            Assert.True(_pair.Producer.TryReserve(_payload.Length, out Span<byte> room));
            room[0] = 1;
        }

        _pair.Producer.Commit();
        Read();
    });

    [Fact]
    public void To_wait_for_what_is_there() => ExpectNone(Messages, () =>
    {
        Assert.True(_pair.Producer.TryWrite(_payload));
        ValueTask<bool> wait = _consumer.WaitAsync();
        Assert.True(wait.IsCompletedSuccessfully);
        Assert.True(wait.Result);
        Assert.True(_consumer.Wait());
        Read();
    });

    [Fact]
    public void To_find_no_room_and_nothing_to_read()
    {
        while (_pair.Producer.TryWrite(_payload))
        {
            _read--;
        }

        ExpectNone(Messages, () => Assert.False(_pair.Producer.TryWrite(_payload)), expected: 0);
        Read();
        while (_consumer.UnreadBytes > 0)
        {
            Read();
        }

        _read = 0;
        ExpectNone(Messages, Read, expected: 0);
    }

    private void Read()
    {
        foreach (RingMessage message in _consumer.ReadBatch())
        {
            _read += message.Payload.Length == _payload.Length ? 1 : 0;
        }
    }

    // The runtime takes a few bytes of its own in a thread when it compiles what runs there once more, at some time:
    // what the messages cost would be there each time.
    private void ExpectNone(int count, Action round, int expected = Messages)
    {
        Assert.Equal(0, Enumerable.Range(0, Repetitions).Min(_ => Allocated(count, round, expected)));
    }

    private long Allocated(int count, Action round, int expected)
    {
        _read = expected == 0 ? _read : 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (expected == 0 ? count-- > 0 : _read < expected)
        {
            round();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
