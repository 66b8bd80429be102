using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>The samples in C and Rust with a .NET process, which is this one, in both directions.</summary>
public sealed class DotnetTests : IDisposable
{
    private const int Messages = 20_000;
    private const int DescriptorEvery = 100;

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("c")]
    [InlineData("rust")]
    public void What_dotnet_writes_they_read(string language)
    {
        string path = _tree.At("ring");
        using var producer = RingProducer.Create(new RingOptions { CapacityBytes = 64 * 1024 });
        using RingListener door = producer.Listen(path);
        using ChildProcess consumer = ChildProcess.Start(NativeProgram.Sample(language, "ring_consumer"), path);
        Eventually.True(() => producer.GetConsumers().Length == 1, "the consumer to join");
        for (int number = 1; number <= Messages; number++)
        {
            Write(producer, number);
        }

        Assert.True(producer.Write([], Eventually.DefaultTimeout));
        Assert.True(consumer.WaitForExit() == 0, string.Join('\n', consumer.Errors.Lines));
        Assert.Equal(
            [
                .. Enumerable.Range(1, Messages / DescriptorEvery).Select(i => i * DescriptorEvery)
                    .Select(i => $"message {i} came with \"descriptor {i}\""),
                $"received {Messages} messages, {Messages / DescriptorEvery} descriptors",
            ],
            consumer.Output.Lines);
        Eventually.True(
            () =>
            {
                producer.Scan();
                return producer.GetConsumers().Length == 0;
            },
            "the place of the consumer that left to be free");
    }

    [Theory]
    [InlineData("c")]
    [InlineData("rust")]
    public async Task What_they_write_dotnet_reads(string language)
    {
        string path = _tree.At("ring");
        using ChildProcess producer = ChildProcess.Start(
            NativeProgram.Sample(language, "ring_producer"), path, $"{Messages}");
        _ = producer.Output.WaitForLine(line => line == "listening", "the producer to listen");
        using RingConsumer consumer = await RingConsumer.JoinAsync(path);
        int messages = 0, descriptors = 0;
        bool isEnd = false;
        while (await consumer.WaitAsync())
        {
            foreach (RingMessage message in consumer.ReadBatch())
            {
                Assert.False(isEnd);
                isEnd = message.Payload.IsEmpty;
                if (!isEnd)
                {
                    descriptors += Read(message, ++messages);
                }
            }
        }

        Assert.True(isEnd);
        Assert.Equal((Messages, Messages / DescriptorEvery), (messages, descriptors));
        Assert.True(producer.WaitForExit() == 0, string.Join('\n', producer.Errors.Lines));
    }

    private void Write(RingProducer producer, int number)
    {
        byte[] text = Encoding.UTF8.GetBytes($"message {number}");
        var payload = new byte[sizeof(ulong) + text.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, (ulong)number);
        text.CopyTo(payload, sizeof(ulong));
        if (number % DescriptorEvery != 0)
        {
            Assert.True(producer.Write(payload, Eventually.DefaultTimeout));
            return;
        }

        using SafeFileHandle file = File.OpenHandle(_tree.WriteFile("text", $"descriptor {number}"));
        File.Delete(_tree.At("text")); // what is sent is the open file, not its name
        Eventually.True(() => producer.TryWrite(payload, [file]), "room in the ring");
    }

    private static int Read(RingMessage message, int number)
    {
        Assert.Equal((ulong)number, BinaryPrimitives.ReadUInt64LittleEndian(message.Payload));
        Assert.Equal($"message {number}", Encoding.UTF8.GetString(message.Payload[sizeof(ulong)..]));
        Assert.Equal(number % DescriptorEvery == 0 ? 1 : 0, message.DescriptorCount);
        foreach (SafeFileHandle handle in message.TakeDescriptors())
        {
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            using var reader = new StreamReader(stream);
            Assert.Equal($"descriptor {number}", reader.ReadToEnd());
        }

        return message.DescriptorCount;
    }
}
