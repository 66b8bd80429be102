using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>Who is let in at the door of a ring, and what those are told who are not.</summary>
[Collection(nameof(Alone))]
public sealed class DoorTests : IDisposable
{
    private const uint NobodyId = 65534;
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;

    private readonly TempTree _tree = TempTree.InMemory();
    private readonly RingProducer _producer = RingProducer.Create(new RingOptions { MaxConsumers = 1 });

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    private string Path => _tree.At("ring");

    public void Dispose()
    {
        _producer.Dispose();
        _tree.Dispose();
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can become another user")]
    public void Another_user_is_refused_and_both_sides_are_told()
    {
        using RingListener door = Open(new RingListenOptions());
        using HostProcess stranger = HostProcess.StartBy(HostProcess.Nobody, "join", Path);
        string told = stranger.Answer("out");
        Assert.StartsWith("RingException 1 ", told, StringComparison.Ordinal);
        Assert.Contains("does not admit this user", told, StringComparison.Ordinal);
        Eventually.True(() => door.Refused == 1, "the refusal to be counted");
        Assert.Contains($"user {NobodyId}", door.LastRefusal, StringComparison.Ordinal);
        Assert.Empty(_producer.GetConsumers());
    }

    [Fact(SkipUnless = nameof(IsRoot), Skip = "only root can become another user")]
    public void A_socket_that_a_user_may_not_write_says_so()
    {
        using RingListener door = Open(new RingListenOptions { AllowAnyUser = true });
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using HostProcess stranger = HostProcess.StartBy(HostProcess.Nobody, "join", Path);
        string told = stranger.Answer("out");
        Assert.StartsWith("VigilException 1 ", told, StringComparison.Ordinal);
        Assert.Contains("EACCES", told, StringComparison.Ordinal);
        Assert.Contains("write permission", told, StringComparison.Ordinal);
        Assert.Equal(0, door.Refused);
    }

    [Theory(SkipUnless = nameof(IsRoot), Skip = "only root can become another user")]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_user_is_let_in_where_that_is_said(bool isAnybody)
    {
        var options = new RingListenOptions { AllowAnyUser = isAnybody };
        _ = isAnybody || options.AllowedUserIds.Add(NobodyId);
        using RingListener door = Open(options);
        using HostProcess guest = HostProcess.StartBy(HostProcess.Nobody, "join", Path);
        Assert.Equal("0", guest.Answer("in"));
        Assert.Equal(guest.Id, Assert.Single(_producer.GetConsumers()).ProcessId);
        Assert.Equal((0L, null), (door.Refused, door.LastRefusal));

        // And it reads, with a mapping that is another user's.
        Assert.True(_producer.TryWrite("hello"u8));
        Assert.Equal("hello", guest.Answer("got"));
    }

    [Fact]
    public async Task One_too_many_is_told_and_let_in_when_there_is_a_place()
    {
        using RingListener door = Open(new RingListenOptions());
        using (await RingConsumer.JoinAsync(Path))
        {
            RingException full = await Assert.ThrowsAsync<RingException>(() => RingConsumer.JoinAsync(Path));
            Assert.Equal(RingStatus.Io, full.Status);
            Assert.Contains("no free place", full.Message, StringComparison.Ordinal);
            Eventually.True(() => door.Refused == 1, "the refusal to be counted");
            Assert.Contains("as many consumers as there can be", door.LastRefusal, StringComparison.Ordinal);
        }

        // The place of who left is found without a scan.
        using RingConsumer next = await RingConsumer.JoinAsync(Path);
        Assert.Equal(0, next.Slot);
    }

    [Fact]
    public async Task What_a_process_left_behind_is_replaced_and_told_until_then()
    {
        UnixSocket.Listen(Path).Dispose();
        VigilException refused = await Assert.ThrowsAsync<VigilException>(() => RingConsumer.JoinAsync(Path));
        Assert.Equal(Failure.ConnectionRefused, refused.Failure);
        Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("start it again", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        using RingListener door = Open(new RingListenOptions());
        using RingConsumer consumer = await RingConsumer.JoinAsync(Path);
    }

    [Fact]
    public async Task A_door_that_is_open_and_a_file_are_not_replaced()
    {
        using RingListener door = Open(new RingListenOptions());
        VigilException busy = Assert.Throws<VigilException>(() => _producer.Listen(Path));
        Assert.Equal(Failure.AlreadyExists, busy.Failure);
        Assert.Contains("EADDRINUSE", busy.Message, StringComparison.Ordinal);
        using RingConsumer consumer = await RingConsumer.JoinAsync(Path);

        string file = _tree.WriteFile("file", "precious");
        Assert.Equal(Failure.AlreadyExists, Assert.Throws<VigilException>(() => _producer.Listen(file)).Failure);
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_path_without_a_door_is_told()
    {
        VigilException none = await Assert.ThrowsAsync<VigilException>(() => RingConsumer.JoinAsync(Path));
        Assert.Equal(Failure.NotFound, none.Failure);
        Assert.Contains(Path, none.Message, StringComparison.Ordinal);
        string file = _tree.WriteFile("file");
        VigilException noSocket = await Assert.ThrowsAsync<VigilException>(() => RingConsumer.JoinAsync(file));
        Assert.Equal(Failure.ConnectionRefused, noSocket.Failure);
    }

    [Fact]
    public async Task A_closed_door_is_gone_and_who_joined_stays()
    {
        RingListener door = Open(new RingListenOptions());
        using RingConsumer consumer = await RingConsumer.JoinAsync(Path);
        door.Dispose();
        Assert.False(File.Exists(Path));
        Assert.True(_producer.TryWrite("after"u8));
        Assert.Equal(["after"], Pair.Read(consumer));
    }

    [Theory]
    [InlineData(1L << 45)]
    [InlineData(1L << 62)]
    [InlineData(long.MaxValue - 4095)]
    [InlineData(0)]
    public void A_ring_larger_than_memory_is_refused_when_it_is_created(long capacityBytes)
    {
        // 0: a little more than there is.
        long wanted = capacityBytes != 0 ? capacityBytes : ((MachineMemory.AvailableBytes >> 30) + 2) << 30;
        int before = Descriptors.Count();
        VigilException e = Assert.Throws<VigilException>(
            () => RingProducer.Create(new RingOptions { CapacityBytes = wanted }));
        Assert.Equal(Failure.OutOfMemory, e.Failure);
        Assert.Contains($"{wanted}", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Descriptors.Count());
    }

    private RingListener Open(RingListenOptions options)
    {
        RingListener door = _producer.Listen(Path, options);
        File.SetUnixFileMode(Path, Everybody);
        return door;
    }
}
