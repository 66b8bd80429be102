namespace Vigil.IO.Tests;

/// <summary>What another process can be told to do.</summary>
internal static class Parts
{
    internal static async Task<int> PlayAsync(string[] args)
    {
        switch (args)
        {
            case ["rewrite", var path, var bytes]:
                await Rewriting.RunAsync(path, int.Parse(bytes));
                return 0;
            case ["limited", var folder, var backend, var bytes]:
                await Limited.RunAsync(folder, Enum.Parse<FileBackend>(backend), int.Parse(bytes));
                return 0;
            case ["lacking", var errno]:
                Refused.Lack(int.Parse(errno));
                return 0;
            case ["refused", var folder, var errno]:
                await Refused.RunAsync(folder, int.Parse(errno));
                return 0;
            case ["starved", var folder, var backend]:
                await Starved.WaitAsync(folder, Enum.Parse<FileBackend>(backend));
                return 0;
            case ["nested", var folder]:
                await Starved.NestAsync(folder);
                return 0;
            case ["closedring"]:
                ClosedRing.Run();
                return 0;
            case ["fewplaces", var folder]:
                await FewPlaces.RunAsync(folder);
                return 0;
            case ["refusedonce"]:
                await Traced.RefusedAsync();
                return 0;
            case ["written", var folder]:
                await Traced.WriteAsync(folder);
                return 0;
            case ["backend"]:
                Say($"{Files.ResolveBackend()} {Files.FallbackReason ?? "-"}");
                return 0;
            default:
                throw new ArgumentException($"no such part: {string.Join(' ', args)}");
        }
    }

    internal static void Say(string line)
    {
        Console.WriteLine(line);
        Console.Out.Flush();
    }
}
