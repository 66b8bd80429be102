namespace Vigil.IO.Tests;

/// <summary>Reads many more files at a time than the process may have open, and says who reads them.</summary>
internal static class FewPlaces
{
    internal static async Task RunAsync(string folder)
    {
        int count = 0;
        var options = new ReadManyOptions { InFlight = 4096 };
        await foreach (FileContent content in Files.ReadManyAsync(Directory.EnumerateFiles(folder), options))
        {
            if (count++ == 0)
            {
                int threads = Directory.GetDirectories("/proc/self/task").Count(IsReader);
                Parts.Say($"{Files.ActiveBackend}, {threads} thread{(threads == 1 ? "" : "s")}");
            }

            if (content.Bytes.Length != 4)
            {
                Parts.Say($"wrong {content.Path}");
            }
        }

        Parts.Say($"files {count}");
    }

    private static bool IsReader(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).Trim() == "vigil files";
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return false;
        }
    }
}
