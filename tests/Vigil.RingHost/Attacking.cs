using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vigil.Rings.Tests;

/// <summary>Somebody who sleeps on a ring, and somebody who takes that sleep away.</summary>
internal static unsafe partial class Attacking
{
    internal const long SYS_futex_x64 = 202;
    internal const long SYS_futex_arm64 = 98;
    internal const int FUTEX_REQUEUE = 3;

    // PATH raw|wait|async TIMEOUT_MS
    internal static void Sleep(string[] words)
    {
        if (words[1] == "raw")
        {
            SleepRaw(words[0], (int)Parts.Number(words[2]));
            return;
        }

        using RingConsumer consumer = RingConsumer
            .JoinAsync(words[0], new RingConsumerOptions { SpinBudget = TimeSpan.Zero }).GetAwaiter().GetResult();
        Parts.Say("joined");
        while (words[1] == "wait" ? consumer.Wait() : consumer.WaitAsync().AsTask().GetAwaiter().GetResult())
        {
            foreach (RingMessage message in consumer.ReadBatch())
            {
                Parts.Say($"got {Numbered.NumberOf(message.Payload)}");
            }
        }
    }

    // PATH
    internal static void Requeue(string[] words)
    {
        using RawRingConsumer consumer = Answering.JoinRaw(words[0]);
        Parts.Say("joined");

        // A word of its own, on which nobody is ever woken. Where it sleeps it may only read.
        uint* trap = (uint*)((byte*)consumer.Page + 1024);
        long call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SYS_futex_arm64 : SYS_futex_x64;
        while (Parts.Listen() == "go")
        {
            long moved;
            while ((moved = Syscall(call, &consumer.Control->Broadcast, FUTEX_REQUEUE, 0, int.MaxValue, trap, 0)) == 0)
            {
                _ = Thread.Yield();
            }

            Parts.Say(moved > 0 ? $"moved {moved}" : $"wrong: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private static void SleepRaw(string path, int timeoutMs)
    {
        using RawRingConsumer consumer = Answering.JoinRaw(path);
        Parts.Say("joined");
        while (Parts.Listen() == "sleep")
        {
            uint token = consumer.BroadcastToken;
            long start = Stopwatch.GetTimestamp();
            RingStatus status = consumer.WaitBroadcast(token, timeoutMs);
            double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            RingStatus found = consumer.Peek(out RingMessageView view);
            if (found == RingStatus.Ok)
            {
                _ = consumer.Publish(view.Offset + view.TotalBytes);
            }

            Parts.Say($"woke {status} {found} {(long)ms}");
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(
        long number, uint* word, int operation, uint wake, long requeue, uint* target, uint unused);
}
