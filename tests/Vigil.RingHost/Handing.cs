using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Vigil.Rings.Tests;

/// <summary>Descriptors that are handed from process to process.</summary>
internal static class Handing
{
    // PATH: takes the descriptors of every message, looks that the file at place I holds I, and closes them.
    internal static void Take(string[] words)
    {
        using RingConsumer consumer = RingConsumer.JoinAsync(words[0]).GetAwaiter().GetResult();
        Parts.Say("joined");
        int before = CountOpen();
        int messages = 0, files = 0, missed = 0;
        Span<byte> content = stackalloc byte[16];
        while (consumer.Wait())
        {
            foreach (RingMessage message in consumer.ReadBatch())
            {
                SafeFileHandle[] handles = [];
                try
                {
                    handles = message.TakeDescriptors();
                }
                catch (RingException)
                {
                    missed++;
                }

                for (int i = 0; i < handles.Length; i++)
                {
                    int length = RandomAccess.Read(handles[i], content, 0);
                    string text = Encoding.UTF8.GetString(content[..length]);
                    if (text != i.ToString(CultureInfo.InvariantCulture))
                    {
                        Parts.Say($"wrong: the file at {i} holds '{text}'");
                    }

                    handles[i].Dispose();
                }

                messages++;
                files += handles.Length;
            }
        }

        Parts.Say($"done {messages} {files} {missed} {CountOpen() - before}");
    }

    // PATH: reads the messages of the ring, and never what comes over the side socket.
    internal static void Hoard(string[] words)
    {
        using RawRingConsumer consumer = Answering.JoinRaw(words[0]);
        Parts.Say("joined");
        while (true)
        {
            uint token = consumer.BroadcastToken;
            RingStatus status = consumer.Peek(out RingMessageView view);
            if (status == RingStatus.Ok)
            {
                _ = consumer.Publish(view.Offset + view.TotalBytes);
            }
            else if (status == RingStatus.Overflow)
            {
                Parts.Say($"evicted {consumer.Evicted}");
                return;
            }
            else
            {
                _ = consumer.WaitBroadcast(token, timeoutMs: 100);
            }
        }
    }

    // PATH FILES MESSAGES HANDLES: is told "go" when the consumers are there, and sends each message with the first
    // HANDLES of the files in the directory FILES.
    internal static void Spread(string[] words)
    {
        using RingProducer producer = RingProducer.Create();
        using RingListener door = producer.Listen(words[0]);
        Parts.Say("listening");
        _ = Parts.Listen();
        int count = (int)Parts.Number(words[3]);
        SafeHandle[] handles =
            [.. Enumerable.Range(0, count).Select(i => File.OpenHandle(Path.Combine(words[1], $"{i}")))];
        uint last = producer.GetConsumers().Max(consumer => consumer.Slot);
        int before = CountOpen();
        for (ulong i = Parts.Number(words[2]); i > 0; i--)
        {
            if (!producer.TryWrite("files"u8, handles))
            {
                Parts.Say("wrong: there is no room");
            }

            // The one that joined last takes them; it is waited for, so that only the other can be far behind.
            while (producer.GetConsumers().Single(consumer => consumer.Slot == last).UnreadBytes > 0)
            {
                _ = Thread.Yield();
            }
        }

        Parts.Say($"spread {CountOpen() - before}");
        while (producer.Evictions.TryRead(out RingEviction eviction))
        {
            Parts.Say($"evicted {eviction.Slot} {eviction.Reason}");
        }

        foreach (RingConsumerInfo consumer in producer.GetConsumers())
        {
            Parts.Say($"left {consumer.Slot} {consumer.MissedRecords}");
        }

        Array.ForEach(handles, handle => handle.Dispose());
        _ = Parts.Listen();
    }

    // But for the libraries that the runtime opens when it likes.
    private static int CountOpen() => Directory.GetFileSystemEntries("/proc/self/fd").Count(
        entry => new FileInfo(entry).LinkTarget is { } target && !target.EndsWith(".dll", StringComparison.Ordinal));
}
