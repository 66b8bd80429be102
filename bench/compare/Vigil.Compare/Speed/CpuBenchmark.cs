using System.Diagnostics;
using System.Globalization;
using Vigil.Compare.Report;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Speed;

/// <summary>
/// (a) CPU of the watcher for a storm of file operations in one directory, output to a file on the same file system.
/// </summary>
internal sealed class CpuBenchmark(Settings settings, WorkArea area, SpeedResults results)
{
    private const int Attempts = 3;
    private const string Sentinel = "zz-sentinel";

    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    public void Run(ToolSet tools)
    {
        foreach (string parent in settings.Parents)
        {
            for (int repetition = 1; repetition <= settings.Repeat; repetition++)
            {
                foreach (Tool tool in tools.For(Purpose.Cpu))
                {
                    RunWithoutLoss(parent, repetition, tool);
                }
            }
        }
    }

    /// <summary>
    /// A run in which the queue ran over measures nothing: it is repeated with half the rate, and both are kept.
    /// </summary>
    private void RunWithoutLoss(string parent, int repetition, Tool tool)
    {
        string fileSystem = Machine.FileSystemOf(parent);
        double rate = settings.Rate;
        for (int attempt = 1; attempt <= Attempts; attempt++, rate /= 2)
        {
            Console.Error.WriteLine($"speed (a) on {fileSystem}: {tool.Title}, {rate:0} operations a second");
            try
            {
                CpuSample sample = RunOne(parent, fileSystem, repetition, tool, rate);
                results.Cpu.Add(sample);
                if (sample.Problems.Count == 0)
                {
                    return;
                }

                Console.Error.WriteLine($"  not right: {string.Join("; ", sample.Problems)}");
            }
            catch (Exception error) when (error is InvalidOperationException or TimeoutException)
            {
                results.Failures.Add($"(a) {fileSystem}, {tool.Title}: {error.Message}");
                Console.Error.WriteLine($"  failed: {error.Message}");
                return;
            }
        }
    }

    private CpuSample RunOne(string parent, string fileSystem, int repetition, Tool tool, double rate)
    {
        string folder = area.NewFolder(parent, "cpu");
        try
        {
            string watched = Directory.CreateDirectory(Path.Combine(folder, "watched")).FullName;
            string log = Directory.CreateDirectory(Path.Combine(folder, "log")).FullName;
            using ToolToFile running = ToolToFile.Start(tool, Purpose.Cpu, watched, log, area);
            IReadOnlySet<uint> masks = running.InotifyMasks(InodeOf(watched));
            TimeSpan before = Libc.CpuTime(running.ProcessId);
            StormCounts counts = StormCounts.Parse(Programs.Run(
                Path.Combine(settings.NativeTools, "writer"),
                ["storm", watched, $"{settings.Operations}", rate.ToString(CultureInfo.InvariantCulture)]));
            File.WriteAllBytes(Path.Combine(watched, Sentinel), []);
            WaitForSentinel(running.OutputFile);
            TimeSpan cpu = Libc.CpuTime(running.ProcessId) - before;
            running.End();

            uint mask = masks.Count == 1 ? masks.Single() : 0;
            StormCheck check = new(tool, watched, counts, mask);
            check.Read(running.OutputFile, Sentinel);
            return new CpuSample(
                tool.Key, fileSystem, repetition, rate, counts.Operations, counts.Seconds, $"0x{mask:x}",
                counts.KernelEvents(mask), check.Lines, cpu.TotalMilliseconds, check.Problems());
        }
        finally
        {
            area.RemoveFolder(folder);
        }
    }

    private static long InodeOf(string path) =>
        long.Parse(Programs.Run("stat", ["-c", "%i", path]), CultureInfo.InvariantCulture);

    /// <summary>
    /// The sentinel is the last file made: when it was reported and nothing follows, all the work is done.
    /// </summary>
    private static void WaitForSentinel(string outputFile)
    {
        Stopwatch waited = Stopwatch.StartNew();
        Stopwatch quiet = Stopwatch.StartNew();
        long length = -1;
        while (waited.Elapsed < AnswerBound)
        {
            Thread.Sleep(20);
            using FileStream output = new(outputFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (output.Length != length)
            {
                length = output.Length;
                quiet.Restart();
            }
            else if (quiet.Elapsed > Quiet && EndsWithSentinel(output))
            {
                return;
            }
        }

        // The check that follows tells what is missing.
    }

    private static bool EndsWithSentinel(FileStream output)
    {
        byte[] end = new byte[(int)Math.Min(output.Length, 4096)];
        output.Seek(-end.Length, SeekOrigin.End);
        output.ReadExactly(end);
        return end.AsSpan().IndexOf("zz-sentinel"u8) >= 0;
    }
}
