using System.Runtime.InteropServices;

namespace Vigil.Compare.FswPeer;

/// <summary>
/// The peer: .NET's FileSystemWatcher as its documentation shows it, with all but one filter switched on.
/// <c>FswPeer PATH [FLUSH-MILLISECONDS]</c>: 0 writes every line at once (the default), more gathers lines that long.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length is < 1 or > 2)
        {
            Console.Error.WriteLine("usage: FswPeer PATH [FLUSH-MILLISECONDS]");
            return 2;
        }

        int flushMs = args.Length == 2 ? int.Parse(args[1]) : 0;
        using LineWriter output = new(Console.OpenStandardOutput(), TimeSpan.FromMilliseconds(flushMs));
        using FileSystemWatcher watcher = new(args[0])
        {
            IncludeSubdirectories = true,
            InternalBufferSize = 64 * 1024,

            // Not LastAccess: it asks for IN_ACCESS, so the watcher hears of its own scan. On a tree of a few thousand
            // directories that alone makes its queue overflow before it is ready.
            NotifyFilter = NotifyFilters.Attributes | NotifyFilters.CreationTime | NotifyFilters.DirectoryName
                | NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Security | NotifyFilters.Size,
        };
        watcher.Created += (_, e) => output.Write("Created", e.FullPath);
        watcher.Changed += (_, e) => output.Write("Changed", e.FullPath);
        watcher.Deleted += (_, e) => output.Write("Deleted", e.FullPath);
        watcher.Renamed += (_, e) => output.Write("Renamed", e.FullPath, e.OldFullPath);
        watcher.Error += (_, e) => output.Write("Error", e.GetException().Message);

        using ManualResetEventSlim stopped = new();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        watcher.EnableRaisingEvents = true;
        output.Write("ready", args[0]);
        output.Flush();
        stopped.Wait();
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopped.Set();
        }
    }
}
