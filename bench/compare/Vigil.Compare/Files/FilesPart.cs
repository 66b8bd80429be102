using System.Globalization;

namespace Vigil.Compare.Files;

/// <summary>One table: what is measured, by whom, and what is to be reached.</summary>
internal sealed record FilesPart(string Key, string Title, string Note, IReadOnlyList<FilesPeer> Peers)
{
    private const string Vigil = "vigil";

    /// <summary>Whether the pages, names and inodes that are cached are dropped before each run.</summary>
    public bool IsCold { get; private init; }

    /// <summary>What the files of <c>many</c> hold; null where peers are compared with each other only.</summary>
    public (double Count, double Bytes, double Sum)? Expected { get; private init; }

    public static IEnumerable<FilesPart> All(Settings settings, FilesData data, bool drops)
    {
        string dotnet = Path.Combine(settings.RepositoryRoot, "artifacts/bin/FilesPeer/release/FilesPeer");
        string many = Path.Combine(settings.NativeTools, "files/many");
        string drop = drops ? "1" : "0";
        yield return new("read", "4 KiB of an open file that is cached", "", AtOnce(
            "read", data.Blocks, "400000", "Files.ReadAsync", "RandomAccess.ReadAsync", "RandomAccess.Read"));
        yield return new("whole", "a whole file of 4 KiB that is cached", "", AtOnce(
            "whole", data.Small, "150000", "Files.ReadAllBytesAsync", "File.ReadAllBytesAsync", "File.ReadAllBytes"));
        yield return new("overwrite", "4 KiB written over a file of 4 KiB", "", AtOnce(
            "overwrite", data.Small, "10000", "Files.WriteAllBytesAsync, in place", "File.WriteAllBytesAsync",
            "File.WriteAllBytes"));

        string files = Text(FilesData.ManyCount);
        yield return new("many", "20,000 cold files of 3 KB", "",
        [
            .. from inFlight in (string[])["64", "256"]
               select new FilesPeer(Vigil + inFlight, $"Files.ReadManyAsync, {inFlight} in flight", dotnet,
                   ["many", Vigil, data.Many, files, inFlight, drop]),
            new("foreach", "Parallel.ForEach, File.ReadAllBytes, 64", dotnet,
                ["many", "foreach", data.Many, files, "64", drop]),
            new("tasks", "Parallel.ForEachAsync, File.ReadAllBytesAsync, 64", dotnet,
                ["many", "tasks", data.Many, files, "64", drop]),
            .. from inFlight in (string[])["64", "256"]
               select new FilesPeer("c" + inFlight, $"C with liburing, {inFlight} in flight", many,
                   [data.Many, files, inFlight, drop]),
        ])
        {
            IsCold = true,
            Expected = (FilesData.ManyCount, (double)FilesData.ManyCount * FilesData.ManyBytes, data.ManySum),
        };
        yield return new("random", "cold random reads of 4 KiB, 32 at a time", "",
        [
            new(Vigil, "Files.ReadAsync, 32 tasks", dotnet, ["random", Vigil, data.Large, "60000", "32", drop]),
            new("threads", "RandomAccess.Read, 32 threads", dotnet,
                ["random", "threads", data.Large, "60000", "32", drop]),
        ])
        {
            IsCold = true,
        };

        IReadOnlyList<FilesPeer> AtOnce(
            string what, string file, string count, string ours, string theirs, string synchronous) =>
        [
            new(Vigil, ours, dotnet, [what, Vigil, file, count]),
            new("async", theirs, dotnet, [what, "async", file, count]),
            new("sync", synchronous, dotnet, [what, "sync", file, count]),
        ];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
