using Vigil.Platform.Linux;

namespace Vigil.IO.Tests;

/// <summary>Uses a ring that was disposed, and one that is being disposed: what faults ends this process.</summary>
internal static unsafe class ClosedRing
{
    private const int Entries = 8;
    private const int Rounds = 300;

    internal static void Run()
    {
        int told = 0;
        foreach (Action<IoUring> use in Uses())
        {
            IoUring ring = Make();
            Submit(ring);
            ring.Dispose();
            try
            {
                use(ring);
                Parts.Say($"wrong: use {told} is answered");
            }
            catch (ObjectDisposedException)
            {
                told++;
            }
        }

        Parts.Say($"told {told}");
        Parts.Say($"mapped {File.ReadLines("/proc/self/maps").Count(line => line.Contains("[io_uring]"))}");
        int raced = 0;
        for (int i = 0; i < Rounds; i++)
        {
            raced += Race() ? 1 : 0;
        }

        Parts.Say($"raced {raced}");
    }

    private static Action<IoUring>[] Uses() =>
    [
        ring => _ = ring.LostCompletions,
        ring => _ = ring.HasOverflow,
        ring => _ = ring.HasCompletion,
        ring => _ = ring.Unsubmitted,
        ring => _ = ring.TryNext() is null,
        ring => _ = ring.TryTake(out _),
        ring => _ = ring.Submit(0),
        ring => _ = ring.Wait(0),
        ring => _ = ring.Wait(1, 1),
        ring => _ = ring.Enable(),
        ring => _ = ring.RegisterFiles(1),
    ];

    private static IoUring Make()
    {
        IoUring.TryCreate(Entries, 0, IoUringSetup.None, out IoUring? ring).OrThrow("io_uring_setup");
        return ring!;
    }

    private static void Submit(IoUring ring)
    {
        ring.TryNext()->Code = IoUringCode.Nop;
        ring.Submit(1).OrThrow("io_uring_enter");
    }

    // One thread submits, one takes, and both are told in the end that this one has disposed of it.
    private static bool Race()
    {
        IoUring ring = Make();
        int told = 0, turns = 0;
        var threads = new Thread[]
        {
            new(() => UntilDisposed(() =>
            {
                IoUringEntry* entry = ring.TryNext();
                if (entry is not null)
                {
                    entry->Code = IoUringCode.Nop;
                }

                _ = ring.Submit(0);
            })),
            new(() => UntilDisposed(() => _ = ring.HasOverflow || ring.TryTake(out _))),
        };
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        while (Volatile.Read(ref turns) < 100)
        {
            Thread.SpinWait(1);
        }

        ring.Dispose();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return told == threads.Length;

        void UntilDisposed(Action turn)
        {
            try
            {
                while (true)
                {
                    turn();
                    Interlocked.Increment(ref turns);
                }
            }
            catch (ObjectDisposedException)
            {
                Interlocked.Increment(ref told);
            }
        }
    }
}
