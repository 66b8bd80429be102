using Vigil.IO;

namespace Vigil.Compare.FilesPeer;

/// <summary>
/// The .NET side of <c>bench/compare/run files</c>: one measurement a start, one line of JSON.
/// <code>
/// FilesPeer read|whole|overwrite PEER FILE COUNT
/// FilesPeer many PEER FOLDER FILES IN_FLIGHT DROP
/// FilesPeer random PEER FILE READS DEPTH DROP
/// </code>
/// A peer is vigil or the name of what of .NET it uses; DROP is 1 to drop the page cache before what is measured.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["read", var peer, var file, var count]:
                await Cached.ReadAsync(peer, file, int.Parse(count));
                return 0;
            case ["whole", var peer, var file, var count]:
                await Cached.WholeAsync(peer, file, int.Parse(count));
                return 0;
            case ["overwrite", var peer, var file, var count]:
                await Overwriting.RunAsync(peer, file, int.Parse(count));
                return 0;
            case ["many", var peer, var folder, var files, var inFlight, var drop]:
                await ManyFiles.RunAsync(peer, folder, int.Parse(files), int.Parse(inFlight), drop == "1");
                return 0;
            case ["random", var peer, var file, var reads, var depth, var drop]:
                await RandomReads.RunAsync(peer, file, int.Parse(reads), int.Parse(depth), drop == "1");
                return 0;
            case ["backend"]:
                Console.WriteLine($"{Files.ResolveBackend()} {Files.FallbackReason}");
                return 0;
            default:
                Console.Error.WriteLine("see the head of Program.cs");
                return 2;
        }
    }

    /// <summary>The page cache, names and inodes: proc_sys_vm(5).</summary>
    public static void DropCaches()
    {
        using var sync = System.Diagnostics.Process.Start("sync");
        sync.WaitForExit();
        File.WriteAllText("/proc/sys/vm/drop_caches", "3");
    }
}
