using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Vigil.IO.Tests;

/// <summary>What is looked at, or refused, call by call: strace(1) runs it.</summary>
internal static class Traced
{
    /// <summary>Two reads are begun by a thread, of which the kernel refuses to take one for now.</summary>
    internal static async Task RefusedAsync()
    {
        await using var engine = new FileEngine(new() { Backend = FileBackend.IoUring });
        engine.ResolveBackend();
        using AnonymousPipeServerStream first = new(PipeDirection.Out), second = new(PipeDirection.Out);
        using SafeFileHandle firstEnd = End(first), secondEnd = End(second);
        Task<int>? one = null, other = null;
        using ManualResetEventSlim begun = new(), over = new();
        var thread = new Thread(() =>
        {
            one = engine.ReadAsync(firstEnd, new byte[4], 0).AsTask();
            other = engine.ReadAsync(secondEnd, new byte[4], 0).AsTask();
            begun.Set();

            // A thread that ends would have its reads submitted once more, by another.
            over.Wait();
        });
        thread.Start();
        begun.Wait();
        first.WriteByte(1);
        Parts.Say($"one {await one!.WaitAsync(Eventually.DefaultTimeout)}");

        // Nobody begins anything else: it is for the ring to go on with it.
        second.WriteByte(2);
        Parts.Say($"other {await other!.WaitAsync(Eventually.DefaultTimeout)}");
        over.Set();
        thread.Join();
    }

    /// <summary>A file is cut in place, and then replaced.</summary>
    internal static async Task WriteAsync(string folder)
    {
        await using var engine = new FileEngine(new() { Backend = FileBackend.Threads });
        string path = Path.Combine(folder, "file");
        await engine.WriteAllBytesAsync(path, "shorter"u8.ToArray(), WriteMode.InPlace);
        Parts.Say(await File.ReadAllTextAsync(path));
        await engine.WriteAllBytesAsync(path, "replaced"u8.ToArray(), WriteMode.Atomic);
        Parts.Say(await File.ReadAllTextAsync(path));
    }

    private static SafeFileHandle End(AnonymousPipeServerStream pipe) =>
        new(pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false);
}
