using System.Diagnostics;
using System.Text.Json;

namespace Vigil.Compare.Ring;

/// <summary>Runs the program of a peer once, and reads its one line.</summary>
internal static class RingProgram
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static RingSample Run(WorkArea area, RingRow row, RingPeer peer, int repetition)
    {
        ProcessStartInfo start = new(peer.Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["RING_CPUS"] = Processors(),

                // .NET compiles what is called often anew, but waits until nothing new is called for 100 ms.
                ["DOTNET_TC_CallCountingDelayMs"] = "0",
            },
        };
        foreach (string argument in row.Arguments(peer))
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        area.Adopt(process);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Bound))
            {
                process.Kill(entireProcessTree: true);
                return Failed($"not done after {Bound.TotalSeconds} s");
            }

            if (process.ExitCode != 0)
            {
                return Failed($"status {process.ExitCode}: {error.Result.Trim().Split('\n')[0]}");
            }

            Dictionary<string, double> numbers = JsonSerializer.Deserialize<Dictionary<string, double>>(output.Result)!;
            return new(row.Part, row.Title, peer.Key, repetition, numbers, Failure: null);
        }
        catch (JsonException)
        {
            return Failed("the program said nothing that can be read");
        }
        finally
        {
            area.Release(process);
        }

        RingSample Failed(string why) =>
            new(row.Part, row.Title, peer.Key, repetition, new Dictionary<string, double>(), why);
    }

    /// <summary>
    /// The first two processors that this process may use: the writer stays on the one, all readers on the other.
    /// </summary>
    public static string Processors()
    {
        const string Field = "Cpus_allowed_list:";
        string list = File.ReadLines("/proc/self/status")
            .Single(line => line.StartsWith(Field, StringComparison.Ordinal));
        int[] processors = [.. list[Field.Length..].Split(',').SelectMany(Range).Take(2)];
        return processors.Length == 2
            ? string.Join(',', processors)
            : throw new InvalidOperationException("two processors are needed: one for the writer, one for the readers");

        static IEnumerable<int> Range(string part)
        {
            int[] ends = [.. part.Split('-').Select(int.Parse)];
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }
    }
}
