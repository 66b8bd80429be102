using System.CommandLine;
using Vigil.Compare.Bus;
using Vigil.Compare.Files;
using Vigil.Compare.Loss;
using Vigil.Compare.Ring;
using Vigil.Compare.Speed;

namespace Vigil.Compare;

/// <summary>The harness behind bench/compare/run: <c>loss</c>, <c>speed</c>, <c>ring</c>, <c>files</c> and
/// <c>bus</c>.</summary>
internal static class Program
{
    private const string NativeFolder = "artifacts/bench/compare";

    private static int Main(string[] args)
    {
        Option<string> root = new("--root") { Description = "the repository", Required = true };
        Option<string?> results = new("--results") { Description = "where results go (bench/compare/results/DATE)" };
        Option<string[]> folders = ListOption(
            "--on", "folders on the file systems to measure ($TMPDIR or /var/tmp, and /dev/shm)");
        Option<string[]> tools = ListOption(
            "--tools", "only these: vigil,vigil-raw,inotifywait,inotifywait-same,fsw,c-eager,c-batch");
        Option<string[]> parts = ListOption("--only", "only these parts: W1,W2,W3,W5,W6,W7 of loss, a,b,c,d of speed");
        Option<int> repeat = NumberOption("--repeat", "repetitions of the loss table and of (a)", 2);
        Option<long> operations = NumberOption("--operations", "file operations of (a)", 500_000L);
        Option<double> rate = NumberOption("--rate", "operations a second of (a)", 100_000.0);
        Option<int> leaves = NumberOption("--leaves", "width of the large tree of (b)", 50);
        Option[] all = [root, results, folders, tools, parts, repeat, operations, rate, leaves];

        Command loss = new("loss", "what each tool loses, scenario by scenario");
        Command speed = new("speed", "what each tool costs: CPU an event, set-up, memory, start, latency");
        Command ring = RingCommand(root, results);
        Command files = FilesCommand(root, results);
        Command bus = new("bus", "the bus beside watchman: ready, memory, CPU, latency, since");
        RootCommand command = new("Compares vigil with its peers, side by side in one run.")
        {
            loss, speed, ring, files, bus,
        };
        foreach (Option option in all)
        {
            loss.Options.Add(option);
            speed.Options.Add(option);
            bus.Options.Add(option);
        }

        loss.SetAction(parsed => Guarded(area => new LossRun(Read(parsed), area).Run()));
        bus.SetAction(parsed => Guarded(area => new BusRun(Read(parsed) with { Operations = 80_000 }, area).Run()));
        speed.SetAction(parsed => Guarded(area => new SpeedRun(Read(parsed), area).Run()));
        return command.Parse(args).Invoke();

        Settings Read(ParseResult parsed)
        {
            string top = Path.GetFullPath(parsed.GetRequiredValue(root));
            return new Settings
            {
                RepositoryRoot = top,
                NativeTools = Path.Combine(top, NativeFolder),
                ResultsFolder = Path.GetFullPath(parsed.GetValue(results) ?? Dated(top)),
                Parents = parsed.GetValue(folders) is { Length: > 0 } given ? given : [DefaultDisk(), "/dev/shm"],
                Tools = parsed.GetValue(tools) ?? [],
                Parts = parsed.GetValue(parts) ?? [],
                VigilPath = VigilPath(top),
                Repeat = parsed.GetRequiredValue(repeat),
                Operations = parsed.GetRequiredValue(operations),
                Rate = parsed.GetRequiredValue(rate),
                Leaves = parsed.GetRequiredValue(leaves),
            };
        }
    }

    private static Command RingCommand(Option<string> root, Option<string?> results)
    {
        Option<string[]> peers = ListOption(
            "--peers", "only these: facade,write,raw,c,pipe,stream,seqpacket,channel,libzbq");
        Option<string[]> parts = ListOption("--only", "only these parts: throughput,roundtrip,commit,exports");
        Option<int> repeat = NumberOption("--repeat", "repetitions of everything", 4);
        Option<int> warm = NumberOption("--warm", "milliseconds of warm-up of each throughput run", 400);
        Option<int> measured = NumberOption("--measure", "milliseconds that each throughput run is measured", 300);
        Command ring = new("ring", "the ring beside the same in C, a pipe, Unix sockets and Channels")
        {
            root, results, peers, parts, repeat, warm, measured,
        };
        ring.SetAction(parsed => Guarded(area => new RingRun(Read(parsed), area).Run()));
        return ring;

        Settings Read(ParseResult parsed)
        {
            string top = Path.GetFullPath(parsed.GetRequiredValue(root));
            return new Settings
            {
                RepositoryRoot = top,
                NativeTools = Path.Combine(top, NativeFolder),
                ResultsFolder = Path.GetFullPath(parsed.GetValue(results) ?? Dated(top)),
                Parents = [],
                Tools = parsed.GetValue(peers) ?? [],
                Parts = parsed.GetValue(parts) ?? [],
                VigilPath = VigilPath(top),
                ZbqPath = FromEnvironment("ZBQ") ?? Path.Combine(top, "artifacts/publish/libzbq/libzbq.so"),
                Repeat = parsed.GetRequiredValue(repeat),
                WarmMilliseconds = parsed.GetRequiredValue(warm),
                MeasuredMilliseconds = parsed.GetRequiredValue(measured),
            };
        }
    }

    private static Command FilesCommand(Option<string> root, Option<string?> results)
    {
        Option<string?> folder = new("--on") { Description = "a folder on the disk to measure ($TMPDIR or /var/tmp)" };
        Option<string[]> parts = ListOption("--only", "only these parts: read,whole,overwrite,many,random");
        Option<int> repeat = NumberOption("--repeat", "repetitions of everything", 5);
        Command files = new("files", "asynchronous files beside those of .NET and a C program with liburing")
        {
            root, results, folder, parts, repeat,
        };
        files.SetAction(parsed => Guarded(area => new FilesRun(Read(parsed), area).Run()));
        return files;

        Settings Read(ParseResult parsed)
        {
            string top = Path.GetFullPath(parsed.GetRequiredValue(root));
            return new Settings
            {
                RepositoryRoot = top,
                NativeTools = Path.Combine(top, NativeFolder),
                ResultsFolder = Path.GetFullPath(parsed.GetValue(results) ?? Dated(top)),
                Parents = [Path.GetFullPath(parsed.GetValue(folder) ?? DefaultDisk())],
                Tools = [],
                Parts = parsed.GetValue(parts) ?? [],
                VigilPath = VigilPath(top),
                Repeat = parsed.GetRequiredValue(repeat),
            };
        }
    }

    private static Option<string[]> ListOption(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))],
    };

    private static Option<T> NumberOption<T>(string name, string description, T value) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
    };

    private static string DefaultDisk() =>
        Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } folder ? Path.GetFullPath(folder) : "/var/tmp";

    private static string Dated(string root) =>
        Path.Combine(root, "bench/compare/results", DateTime.UtcNow.ToString("yyyy-MM-dd"));

    private static string VigilPath(string root) =>
        FromEnvironment("VIGIL") ?? Path.Combine(root, "artifacts/publish/vigil/vigil");

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    private static int Guarded(Func<WorkArea, int> run)
    {
        using WorkArea area = new();
        try
        {
            return run(area);
        }
        catch (Exception error) when (error is ArgumentException or IOException or InvalidOperationException)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }
}
