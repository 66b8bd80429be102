using System.Diagnostics;
using System.Text.Json;
using Vigil.Compare.Report;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Files;

/// <summary>Asynchronous files beside those of .NET and a C program: peer after peer within every repetition.</summary>
internal sealed class FilesRun(Settings settings, WorkArea area)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    public int Run()
    {
        MachineLoad load = new();
        FilesData data = new(area.NewFolder(settings.Parents[0], "files"), settings);
        bool drops = CanDropCaches();
        FilesPart[] parts = [.. FilesPart.All(settings, data, drops).Where(part => settings.Wants(part.Key))];
        List<FilesSample> samples = [];
        for (int repetition = 0; repetition < settings.Repeat; repetition++)
        {
            foreach (FilesPart part in parts)
            {
                // Forth and back: nobody is always the one who comes after the same other.
                IEnumerable<FilesPeer> order = repetition % 2 == 0 ? part.Peers : part.Peers.Reverse();
                FilesSample[] round = [.. order.Select(peer => Checked(part, Measure(part, peer, repetition)))];
                samples.AddRange(Same(round));
            }
        }

        Dictionary<string, string> versions = new()
        {
            ["C"] = $"{Programs.FirstLine("gcc", "--version")}, -O2, liburing",
            [".NET"] = $"{Environment.Version}, compiled at run time (tiered, after a warm-up)",
        };
        Machine machine = Machine.Describe(settings, versions, [], load);
        return new FilesReport(settings, machine, drops, parts, samples).Write();
    }

    private FilesSample Measure(FilesPart part, FilesPeer peer, int repetition)
    {
        Console.Error.WriteLine($"files {repetition + 1}/{settings.Repeat} {part.Key}: {peer.Title}");
        ProcessStartInfo start = new(peer.Program, peer.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
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

            return process.ExitCode != 0
                ? Failed($"status {process.ExitCode}: {error.Result.Trim().Split('\n')[0]}")
                : new(part.Key, peer.Key, repetition,
                    JsonSerializer.Deserialize<Dictionary<string, double>>(output.Result)!, Failure: null);
        }
        finally
        {
            area.Release(process);
        }

        FilesSample Failed(string why) =>
            new(part.Key, peer.Key, repetition, new Dictionary<string, double>(), why);
    }

    private static FilesSample Checked(FilesPart part, FilesSample sample) =>
        sample.IsRight && part.Expected is { } expected && sample.Answer != expected
            ? sample with { Failure = $"{sample.Answer} instead of {expected}" }
            : sample;

    // All read the same, so all have to have found the same.
    private static IEnumerable<FilesSample> Same(FilesSample[] round)
    {
        (double, double, double)[] answers = [.. round.Where(s => s.IsRight).Select(s => s.Answer).Distinct()];
        return answers.Length <= 1
            ? round
            : round.Select(s => s with { Failure = s.Failure ?? $"{s.Answer}, and others found something else" });
    }

    private static bool CanDropCaches()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "1");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
