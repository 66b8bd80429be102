using System.CommandLine;
using System.Reflection;
using System.Text;
using Vigil.Cli.Parsing;
using Vigil.Cli.Watch;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>The command <c>vigil</c>: parses, runs, and turns whatever happens into an exit status.</summary>
internal static class Program
{
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    private static int Main(string[] args)
    {
        // Before anything is opened, which would become standard output.
        StandardStream.OpenClosed();
        try
        {
            return Run(GivenArguments.From(args));
        }
        catch (UsageException e)
        {
            Talk.Error(e.Message);
            return ExitStatus.Usage;
        }
        catch (VigilException e)
        {
            Talk.Error(e.Message);
            return ExitStatus.Error;
        }
        catch (Exception e)
        {
            Talk.Unexpected(e);
            return ExitStatus.Error;
        }
    }

    private static int Run(string[] args)
    {
        WatchCommand watch = new();
        // Not RootCommand's own options: theirs print through Console, and a page of help for every mistake.
        RootCommand root = new() { Subcommands = { watch } };
        root.Options.Clear();
        root.Directives.Clear();
        Option<bool> help = new("--help", "-h", "-?") { Recursive = true, Arity = ArgumentArity.Zero };
        Option<bool> version = new("--version") { Recursive = true, Arity = ArgumentArity.Zero };
        root.Options.Add(help);
        root.Options.Add(version);
        if (args.Length == 0)
        {
            // As git does: no command is no success.
            Talk.Plain(HelpText.OfRoot(root));
            return ExitStatus.Usage;
        }

        ParseResult result = root.Parse(args, Configuration);
        bool isWatch = result.CommandResult.Command == watch;
        if (result.IsSet(help))
        {
            return Print(isWatch ? HelpText.OfWatch(watch) : HelpText.OfRoot(root));
        }

        if (result.IsSet(version))
        {
            return Print($"vigil {Version()}\n");
        }

        CommandLineErrors.Check(args, result);
        return Watch(new WatchOptionsReader(watch, result).Read());
    }

    private static int Watch(WatchOptions options)
    {
        using SessionEnd end = new(options.Timeout);
        WatchedPaths paths = new(options, end);
        if (paths.IsEmpty)
        {
            return ExitStatus.Error;
        }

        return options.IsRaw ? new RawSession(options, paths, end).Run() : new TreeSession(options, paths, end).Run();
    }

    private static int Print(string text)
    {
        _ = StandardStream.Output.TryWrite(Encoding.UTF8.GetBytes(text));
        return ExitStatus.Success;
    }

    private static string? Version() =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
