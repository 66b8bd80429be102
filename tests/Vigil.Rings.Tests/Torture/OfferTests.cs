using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform.Linux;

namespace Vigil.Rings.Tests;

/// <summary>Rings that are offered wrongly: refused with the right status, and nothing of them stays open.</summary>
[Collection(nameof(Alone))]
public sealed unsafe class OfferTests : IDisposable
{
    private const int RingBytes = 4 * 4096;

    private static readonly Dictionary<string, Action<FakeProducer, TempTree>> Wrong = new()
    {
        ["capacity 0"] = (fake, _) => fake.Message = fake.Message with { CapacityBytes = 0 },
        ["capacity no multiple of a page"] = (fake, _) => fake.Message = fake.Message with { CapacityBytes = 4097 },
        ["capacity of 2^63"] = (fake, _) => fake.Message = fake.Message with { CapacityBytes = 1ul << 63 },
        ["capacity larger than the ring"] = (fake, _) =>
        {
            fake.Message = fake.Message with { CapacityBytes = 2 * RingBytes };
            fake.Control->CapacityBytes = 2 * RingBytes;
        },
        ["capacity smaller than the ring"] = (fake, _) =>
        {
            fake.Message = fake.Message with { CapacityBytes = RingBytes / 2 };
            fake.Control->CapacityBytes = RingBytes / 2;
        },
        ["control page of another capacity"] = (fake, _) => fake.Control->CapacityBytes = 2 * RingBytes,
        ["head unaligned"] = (fake, _) => fake.Message = fake.Message with { InitialHead = 8 },
        ["other mode"] = (fake, _) => fake.Message = fake.Message with { WakeMode = (uint)RingWakeMode.Pull },
        ["no mode"] = (fake, _) => fake.Message = fake.Message with { WakeMode = 2 },
        ["ring truncated"] = (fake, _) => Replace(fake, 1, fake.MakeFile(RingBytes / 2, FakeProducer.Sealed)),
        ["ring truncated to nothing"] = (fake, _) => Replace(fake, 1, fake.MakeFile(1, FakeProducer.Sealed)),
        ["ring unsealed"] = (fake, _) => Replace(fake, 1, fake.MakeFile(RingBytes, MemorySeals.None)),
        ["ring can shrink"] = (fake, _) => Replace(fake, 1, fake.MakeFile(RingBytes, MemorySeals.FutureWrite)),
        ["ring can be written"] = (fake, _) => Replace(fake, 1, fake.MakeFile(RingBytes, FakeProducer.PageSeals)),
        ["control page unsealed"] = (fake, _) => Replace(fake, 0, fake.MakeFile(4096, MemorySeals.None)),
        ["control page can be written"] = (fake, _) => Replace(fake, 0, fake.MakeFile(4096, FakeProducer.PageSeals)),
        ["control page too small"] = (fake, _) => Replace(fake, 0, fake.MakeFile(256, FakeProducer.Sealed)),
        ["page unsealed"] = (fake, _) => Replace(fake, 2, fake.MakeFile(4096, MemorySeals.None)),
        ["page too small"] = (fake, _) => Replace(fake, 2, fake.MakeFile(512, FakeProducer.PageSeals)),
        ["page sealed against writing"] = (fake, _) =>
            Replace(fake, 2, fake.MakeFile(4096, MemorySeals.Shrink | MemorySeals.Write)),
        ["page sealed against later writing"] = (fake, _) => Replace(fake, 2, fake.MakeFile(4096, FakeProducer.Sealed)),
        ["page open for reading only"] = (fake, _) =>
            Replace(fake, 2, fake.Keep(fake.MakeFile(4096, FakeProducer.PageSeals).OpenReadOnly())),
        ["regular file as ring"] = (fake, tree) => Replace(fake, 1, Regular(fake, tree, RingBytes)),
        ["regular file as control page"] = (fake, tree) => Replace(fake, 0, Regular(fake, tree, 4096)),
        ["regular file as page"] = (fake, tree) => Replace(fake, 2, Regular(fake, tree, 4096)),
        ["regular file as socket"] = (fake, tree) => Replace(fake, 3, Regular(fake, tree, 4096)),
        ["directory as ring"] = (fake, _) =>
            Replace(fake, 1, fake.Keep(DirectoryHandle.Open("/\0"u8, followLink: false))),
        ["two rings"] = (fake, _) => fake.Descriptors[2] = fake.Descriptors[1],
        ["two sockets"] = (fake, _) => fake.Descriptors[0] = fake.Descriptors[3],
        ["four sockets"] = (fake, _) => Array.Fill(fake.Descriptors, fake.Descriptors[3]),
        ["no descriptor"] = (fake, _) => fake.Descriptors = [],
        ["1 descriptor"] = (fake, _) => fake.Descriptors = fake.Descriptors[..1],
        ["2 descriptors"] = (fake, _) => fake.Descriptors = fake.Descriptors[..2],
        ["3 descriptors"] = (fake, _) => fake.Descriptors = fake.Descriptors[..3],
        ["5 descriptors"] = (fake, _) => fake.Descriptors = [.. fake.Descriptors, fake.Descriptors[0]],
        ["253 descriptors"] = (fake, _) =>
            fake.Descriptors = [.. Enumerable.Range(0, 253).Select(i => fake.Descriptors[i % 4])],
    };

    private readonly TempTree _tree = TempTree.InMemory();

    public static TheoryData<string> WrongOffers => [.. Wrong.Keys];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [MemberData(nameof(WrongOffers))]
    public void A_wrong_offer_is_refused_and_leaves_nothing_open(string what)
    {
        using var fake = new FakeProducer(RingBytes);
        Wrong[what](fake, _tree);
        Dictionary<string, int> before = Descriptors.Snapshot();
        Assert.Equal(RingStatus.Protocol, fake.Join(out RawRingConsumer? consumer));
        Assert.Null(consumer);
        Descriptors.ExpectNothingMore(before);
        Assert.Equal(0, MappingsOf("/memfd:torture", " r--s "));
    }

    [Theory]
    [InlineData(0, RingStatus.Io)]
    [InlineData(1, RingStatus.Protocol)]
    [InlineData(63, RingStatus.Protocol)]
    [InlineData(65, RingStatus.Protocol)]
    [InlineData(4096, RingStatus.Protocol)]
    public void A_message_of_another_size_is_refused_and_leaves_nothing_open(int bytes, RingStatus status)
    {
        using var fake = new FakeProducer(RingBytes);
        byte[] message = FakeProducer.Bytes(fake.Message);
        Array.Resize(ref message, bytes);
        Dictionary<string, int> before = Descriptors.Snapshot();
        Assert.Equal(status, fake.Join(message, out RawRingConsumer? consumer));
        Assert.Null(consumer);
        Descriptors.ExpectNothingMore(before);
    }

    [Fact]
    public void A_capacity_that_no_address_space_has_is_refused_before_anything_is_mapped()
    {
        using var fake = new FakeProducer(RingBytes);
        fake.Message = fake.Message with { CapacityBytes = (1ul << 62) };
        fake.Control->CapacityBytes = 1ul << 62;
        Assert.Equal(RingStatus.Protocol, fake.Join(out _));
    }

    [Fact]
    public void A_ring_of_holes_is_refused_and_takes_no_memory_of_who_joins()
    {
        const long Holes = 1L << 28;
        using var fake = new FakeProducer(RingBytes);
        using var holes = new SafeFileHandle(
            Libc.CreateMemoryFile("torture holes", Libc.MFD_ALLOW_SEALING), ownsHandle: true);
        Assert.Equal(0, Libc.Truncate(FakeProducer.Number(holes), Holes));
        Assert.Equal(0, Libc.Control(FakeProducer.Number(holes), Libc.F_ADD_SEALS, (int)FakeProducer.Sealed));
        fake.Message = fake.Message with { CapacityBytes = Holes };
        fake.Control->CapacityBytes = Holes;
        Replace(fake, 1, holes);
        Assert.Equal(RingStatus.Protocol, fake.Join(out _));
        string path = $"/proc/{Environment.ProcessId}/fd/{FakeProducer.Number(holes)}";
        Assert.Equal(["0"], ChildProcess.Shell($"stat -L -c %b {path}"));
    }

    [Fact]
    public void Descriptors_in_any_order_join()
    {
        foreach (int[] order in Orders())
        {
            using var fake = new FakeProducer(RingBytes);
            fake.Descriptors = [.. order.Select(i => fake.Descriptors[i])];
            Dictionary<string, int> before = Descriptors.Snapshot();
            Assert.Equal(RingStatus.Ok, fake.Join(out RawRingConsumer? consumer));
            fake.Write("in any order"u8);
            Assert.Equal(RingStatus.Ok, consumer!.Peek(out RingMessageView view));
            Assert.Equal("in any order"u8, new ReadOnlySpan<byte>(view.Payload, (int)view.PayloadBytes));
            Assert.True(consumer.Publish(view.Offset + view.TotalBytes));
            Assert.Equal(32ul, fake.Page->Tail);
            consumer.Dispose();
            Descriptors.ExpectNothingMore(before);
        }
    }

    [Fact]
    public void A_ring_of_one_page_joins_in_the_order_of_the_wire()
    {
        using var fake = new FakeProducer(4096);
        Assert.Equal(RingStatus.Ok, fake.Join(out RawRingConsumer? consumer));
        using (consumer)
        {
            fake.Write("one page"u8);
            Assert.Equal(RingStatus.Ok, consumer!.Peek(out _));
        }
    }

    [Theory]
    [InlineData(4, RingStatus.Ok)]
    [InlineData(253, RingStatus.Protocol)]
    public void Credentials_beside_the_descriptors_are_no_harm_unless_they_take_their_room(int count, RingStatus status)
    {
        using var fake = new FakeProducer(RingBytes);
        using UnixSocket near = UnixSocket.CreatePair(out UnixSocket far);
        using (far)
        {
            // With SO_PASSCRED the kernel puts the sender's credentials first (unix(7)), and cuts off what has no room.
            int yes = 1;
            Assert.Equal(
                0,
                Libc.SetSocketOption(FakeProducer.Number(far), Libc.SOL_SOCKET, Libc.SO_PASSCRED, &yes, sizeof(int)));
            Dictionary<string, int> before = Descriptors.Snapshot();
            int[] descriptors = [.. Enumerable.Range(0, count).Select(i => fake.Descriptors[i % 4])];
            Assert.Equal(Platform.Failure.None, near.TrySend(FakeProducer.Bytes(fake.Message), descriptors));
            Assert.Equal(status, RawRingConsumer.Join(far, null, 1000, out RawRingConsumer? consumer));
            consumer?.Dispose();
            Descriptors.ExpectNothingMore(before);
        }
    }

    [Fact]
    public void No_answer_is_told_when_the_time_is_over_and_an_end_at_once()
    {
        Dictionary<string, int> before = Descriptors.Snapshot();
        using (UnixSocket near = UnixSocket.CreatePair(out UnixSocket far))
        using (far)
        {
            Assert.Equal(RingStatus.Again, RawRingConsumer.Join(far, null, timeoutMs: 30, out _));
            RingException silent = Assert.Throws<RingException>(
                () => RingConsumer.Join(far, new RingConsumerOptions { JoinTimeout = TimeSpan.FromMilliseconds(30) }));
            Assert.Equal(RingStatus.Again, silent.Status);
            near.Dispose();
            Assert.Equal(RingStatus.Io, RawRingConsumer.Join(far, null, RawRingConsumer.JoinTimeoutMs, out _));
            RingException ended = Assert.Throws<RingException>(() => RingConsumer.Join(far));
            Assert.Equal(RingStatus.Io, ended.Status);
            Assert.DoesNotContain('\n', ended.Message);
        }

        Descriptors.ExpectNothingMore(before);
    }

    [Fact]
    public void What_is_no_socket_is_told()
    {
        using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("file"));
        using UnixSocket none = UnixSocket.Borrow(FakeProducer.Number(file));
        Assert.Equal(RingStatus.Io, RawRingConsumer.Join(none, null, RawRingConsumer.JoinTimeoutMs, out _));
        using UnixSocket closed = UnixSocket.Borrow(1 << 20);
        Assert.Equal(RingStatus.Io, RawRingConsumer.Join(closed, null, RawRingConsumer.JoinTimeoutMs, out _));
        using var producer = RingProducer.Create();
        Assert.Equal(RingStatus.Io, producer.Admit(none));
        Assert.Equal(RingStatus.Io, producer.Admit(closed));
        Assert.Empty(producer.GetConsumers());
    }

    [Fact]
    public void A_connection_of_another_family_is_refused_by_the_producer()
    {
        using var producer = RingProducer.Create();
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using UnixSocket socket = UnixSocket.Borrow((int)udp.Handle);
        Dictionary<string, int> before = Descriptors.Snapshot();
        Assert.Equal(RingStatus.Io, producer.Admit(socket));
        Descriptors.ExpectNothingMore(before);
    }

    private static int MappingsOf(string name, string rights) => File.ReadLines("/proc/self/maps").Count(line =>
        line.Contains(name, StringComparison.Ordinal) && line.Contains(rights, StringComparison.Ordinal));

    private static void Replace(FakeProducer fake, int place, System.Runtime.InteropServices.SafeHandle by) =>
        fake.Descriptors[place] = FakeProducer.Number(by);

    private static SafeFileHandle Regular(FakeProducer fake, TempTree tree, int bytes)
    {
        string path = tree.At("regular");
        File.WriteAllBytes(path, new byte[bytes]);
        return fake.Keep(File.OpenHandle(path, access: FileAccess.ReadWrite));
    }

    private static IEnumerable<int[]> Orders() =>
        from a in Enumerable.Range(0, 4)
        from b in Enumerable.Range(0, 4)
        from c in Enumerable.Range(0, 4)
        from d in Enumerable.Range(0, 4)
        let order = new[] { a, b, c, d }
        where order.Distinct().Count() == 4
        select order;
}
