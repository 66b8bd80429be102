using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Rings.Tests;

/// <summary>Descriptors with messages: given to whom they are for, and closed wherever nobody takes them.</summary>
[Collection(nameof(Alone))]
public sealed class DescriptorTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_file_goes_with_its_message()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join(), other = pair.Join();
        using (SafeFileHandle file = File.OpenHandle(_tree.WriteFile("a", "content")))
        {
            Assert.True(pair.Producer.TryWrite("here it is"u8, [file]));
        }

        foreach (RingConsumer reader in (RingConsumer[])[consumer, other])
        {
            foreach (RingMessage message in reader.ReadBatch())
            {
                Assert.Equal((1, 1ul), (message.DescriptorCount, message.SequenceId));
                using SafeFileHandle taken = Assert.Single(message.TakeDescriptors());
                byte[] content = new byte[20];
                Assert.Equal("content"u8, content.AsSpan(0, RandomAccess.Read(taken, content, 0)));
            }
        }
    }

    [Fact]
    public void What_nobody_takes_is_closed_and_the_next_message_has_its_own()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        int before = OpenDescriptors();
        using SafeFileHandle first = File.OpenHandle(_tree.WriteFile("first", "1"));
        using SafeFileHandle second = File.OpenHandle(_tree.WriteFile("second", "22"));
        Assert.True(pair.Producer.TryWrite("first"u8, [first, first]));
        Assert.True(pair.Producer.TryWrite("between"u8));
        Assert.True(pair.Producer.TryWrite("second"u8, [second]));
        foreach (RingMessage message in consumer.ReadBatch())
        {
            if (message.Payload.SequenceEqual("second"u8))
            {
                using SafeFileHandle taken = Assert.Single(message.TakeDescriptors());
                Assert.Equal(2, RandomAccess.GetLength(taken));
                Assert.Equal(before + 3, OpenDescriptors());
                Assert.Equal(RingStatus.Again, consumer.Raw.TryTakeDescriptors(message.SequenceId, out _));
            }
        }

        Assert.Equal(before + 2, OpenDescriptors());
    }

    [Fact]
    public void The_limit_is_253()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("a"));
        SafeHandle[] many = [.. Enumerable.Repeat<SafeHandle>(file, 254)];
        Assert.Throws<ArgumentException>(() => pair.Producer.TryWrite("x"u8, many));
        int before = OpenDescriptors();
        Assert.True(pair.Producer.TryWrite("x"u8, many.AsSpan(1)));
        foreach (RingMessage message in consumer.ReadBatch())
        {
            SafeFileHandle[] taken = message.TakeDescriptors();
            Assert.Equal(253, taken.Length);
            Assert.Equal(before + 253, OpenDescriptors());
            Array.ForEach(taken, handle => handle.Dispose());
        }

        Assert.Equal(before, OpenDescriptors());
    }

    [Fact]
    public void A_handle_that_is_closed_is_refused_and_nothing_is_written()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join();
        SafeFileHandle file = File.OpenHandle(_tree.WriteFile("a"));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Producer.TryWrite("x"u8, [file]));
        using var none = new SafeFileHandle(1_000_000, ownsHandle: false);
        Assert.Throws<ArgumentException>(() => pair.Producer.TryWrite("x"u8, [none]));
        Assert.Equal(0, consumer.UnreadBytes);
        Assert.True(pair.Producer.TryWrite("y"u8));
        Assert.Equal(["y"], Pair.Read(consumer));
    }

    [Fact]
    public void In_pull_mode_none_are_sent()
    {
        using var pair = new Pair();
        RingConsumer consumer = pair.Join(RingWakeMode.Pull);
        using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("a"));
        Assert.True(pair.Producer.TryWrite("x"u8, [file]));
        bool refused = false;
        foreach (RingMessage message in consumer.ReadBatch())
        {
            try
            {
                _ = message.TakeDescriptors();
            }
            catch (RingException e)
            {
                refused = e.Status == RingStatus.NotFound && e.Message.Contains("pull", StringComparison.Ordinal);
            }
        }

        Assert.True(refused);
    }

    [Fact]
    public void Nothing_stays_open_when_a_ring_ends_with_messages_unread()
    {
        int before = OpenDescriptors();
        using (var pair = new Pair())
        {
            RingConsumer consumer = pair.Join();
            _ = pair.Join();
            using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("a"));
            Assert.True(pair.Producer.TryWrite("x"u8, [file, file, file]));
            Assert.True(pair.Producer.TryWrite("y"u8, [file]));
            foreach (RingMessage message in consumer.ReadBatch())
            {
                Assert.NotEmpty(message.Payload.ToArray());
                break;
            }
        }

        Assert.Equal(before, OpenDescriptors());
    }

    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
