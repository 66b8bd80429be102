using System.CommandLine;
using System.Reflection;
using System.Text;
using Vigil.Cli.Clock;
using Vigil.Cli.Manual;
using Vigil.Cli.Parsing;
using Vigil.Cli.Run;
using Vigil.Cli.Serve;
using Vigil.Cli.Since;
using Vigil.Cli.Status;
using Vigil.Cli.Subscribe;
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
        // Not RootCommand's own options: theirs print through Console, and a page of help for every mistake.
        RootCommand root = new();
        AddCommands(root, args);
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

        // What a command line has behind -- is another command's, and is not looked at.
        int end = args[0] == RunCommand.CommandName ? Array.IndexOf(args, "--") : -1;
        string[]? behind = end >= 0 ? args[(end + 1)..] : null;
        args = end >= 0 ? args[..end] : args;
        ParseResult result = root.Parse(args, Configuration);
        VigilCommand? command = result.CommandResult.Command as VigilCommand;
        if (result.IsSet(help))
        {
            return Print(command is null ? HelpText.OfRoot(root) : HelpText.Of(command));
        }

        if (result.IsSet(version))
        {
            return Print($"vigil {Version}\n");
        }

        CommandLineErrors.Check(args, result);
        return command!.Execute(result, behind);
    }

    // The one that is named first; where none is, all, of which the help and the mistakes tell. A command that answers
    // in a moment does not wait until nine others are built.
    private static void AddCommands(RootCommand root, string[] args)
    {
        (string Name, Func<VigilCommand> Make)[] commands =
        [
            ("watch", () => new WatchCommand()),
            (RunCommand.CommandName, () => new RunCommand()),
            (ServeCommand.CommandName, () => new ServeCommand()),
            ("subscribe", () => new SubscribeCommand()),
            ("since", () => new SinceCommand()),
            ("clock", () => new ClockCommand()),
            ("status", () => new StatusCommand()),
            ("init", () => new InitCommand()),
            ("completion", () => new CompletionCommand(root)),
            ("man", () => new ManCommand(root)),
        ];
        bool isNamed = args is [not ("completion" or "man"), ..] && commands.Any(command => command.Name == args[0]);
        foreach ((string name, Func<VigilCommand> make) in commands)
        {
            if (!isNamed || name == args[0])
            {
                root.Subcommands.Add(make());
            }
        }
    }

    /// <summary>Writes a text on standard output.</summary>
    /// <returns>The status of success.</returns>
    public static int Print(string text)
    {
        _ = StandardStream.Output.TryWrite(Encoding.UTF8.GetBytes(text));
        return ExitStatus.Success;
    }

    /// <summary>The version of the command.</summary>
    public static string? Version =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
