using System.CommandLine;
using Vigil.Compare.Loss;
using Vigil.Compare.Speed;

namespace Vigil.Compare;

/// <summary>The harness behind bench/compare/run: <c>loss</c> and <c>speed</c>.</summary>
internal static class Program
{
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
        RootCommand command = new("Compares vigil with its peers, side by side in one run.") { loss, speed };
        foreach (Option option in all)
        {
            loss.Options.Add(option);
            speed.Options.Add(option);
        }

        loss.SetAction(parsed => Guarded(area => new LossRun(Read(parsed), area).Run()));
        speed.SetAction(parsed => Guarded(area => new SpeedRun(Read(parsed), area).Run()));
        return command.Parse(args).Invoke();

        Settings Read(ParseResult parsed)
        {
            string top = Path.GetFullPath(parsed.GetRequiredValue(root));
            string dated = Path.Combine(top, "bench/compare/results", DateTime.UtcNow.ToString("yyyy-MM-dd"));
            return new Settings
            {
                RepositoryRoot = top,
                NativeTools = Path.Combine(top, "artifacts/bench/compare"),
                ResultsFolder = Path.GetFullPath(parsed.GetValue(results) ?? dated),
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

    private static string VigilPath(string root) => Environment.GetEnvironmentVariable("VIGIL") is { Length: > 0 } path
        ? Path.GetFullPath(path)
        : Path.Combine(root, "artifacts/publish/vigil/vigil");

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
