namespace Vigil.Rings.Tests;

/// <summary>
/// A consumer moves the sleep of another to a word of its own, for which reading is enough (FUTEX_REQUEUE). Nothing can
/// prevent that; but the sleeper wakes by itself in time, and has lost nothing.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RequeueTests
{
    private const int RawSleepMs = 500;
    private const int Rounds = 10;

    [Fact]
    public void A_raw_sleep_that_was_moved_ends_by_its_own_time_out()
    {
        using var scene = new Scene("raw");
        scene.Victim.Tell("sleep");
        scene.Move();
        scene.Write(1);
        string[] told = scene.Victim.Answer("woke").Split(' ');
        Assert.Equal(("Ok", "Ok"), (told[0], told[1]));

        // Nobody woke it, or this shows nothing.
        Assert.True(int.Parse(told[2]) >= RawSleepMs / 2, $"it slept for {told[2]} ms only");

    }

    [Theory]
    [InlineData("wait")]
    [InlineData("async")]
    public void A_wait_that_was_moved_ends_all_the_same(string kind)
    {
        using var scene = new Scene(kind);
        for (ulong number = 1; number <= Rounds; number++)
        {
            scene.Move();
            scene.Write(number);
            Assert.Equal($"{number}", scene.Victim.Answer("got"));
        }
    }

    private sealed class Scene : IDisposable
    {
        private readonly TempTree _tree = TempTree.InMemory();
        private readonly RingProducer _producer = RingProducer.Create();
        private readonly RingListener _door;
        private readonly HostProcess _attacker;

        internal Scene(string kind)
        {
            bool isRoot = Environment.IsPrivilegedProcess;
            var options = new RingListenOptions { AllowAnyUser = true };
            _door = _producer.Listen(_tree.At("ring"), options);
            File.SetUnixFileMode(_tree.At("ring"), (UnixFileMode)0b110_110_110);
            Victim = HostProcess.Start("sleep", _tree.At("ring"), kind, $"{RawSleepMs}");
            _ = Victim.Answer("joined");

            // Somebody who may do nothing but read.
            _attacker = HostProcess.StartBy(isRoot ? HostProcess.Nobody : [], "requeue", _tree.At("ring"));
            _ = _attacker.Answer("joined");
        }

        internal HostProcess Victim { get; }

        public void Dispose()
        {
            _attacker.Dispose();
            Victim.Dispose();
            _door.Dispose();
            _producer.Dispose();
            _tree.Dispose();
        }

        // Returns when the victim sleeps where nobody wakes it.
        internal void Move() => Assert.Equal("1", _attacker.Ask("go", "moved"));

        internal void Write(ulong number)
        {
            byte[] payload = new byte[sizeof(ulong)];
            _ = Numbered.Write(payload, number);
            Assert.True(_producer.TryWrite(payload));
        }
    }
}
