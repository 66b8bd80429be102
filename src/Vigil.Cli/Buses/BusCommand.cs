using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Vigil.Bus;
using Vigil.Cli.Parsing;
using Vigil.Cli.Watch;

namespace Vigil.Cli.Buses;

/// <summary>What the commands have in common that have to do with a server.</summary>
internal abstract class BusCommand(string name, string description) : VigilCommand(name, description)
{
    public Option<string> Socket { get; } = Valued(
        "--socket", "PATH", "Where the server's socket is; else VIGIL_SOCKET, or $XDG_RUNTIME_DIR/vigil/bus.sock.");

    public Option<string[]> TrustUser { get; } = Repeated(
        "--trust-user", "UID", "Believe a server of this user, too; may be repeated. Else only one's own and root's.");

    public Option<string> AnswerTimeout { get; } = Valued(
        "--answer-timeout", "TIME", "How long the server may take, as it may have to scan the tree; 5m unless told.");

    public sealed override int Execute(ParseResult result, IReadOnlyList<string>? behind)
    {
        try
        {
            return Execute(result);
        }
        catch (BusException e)
        {
            Talk.Error(e.Message);
            return ExitStatus.Error;
        }
        catch (ArgumentException e) when (e.ParamName is "path")
        {
            throw new UsageException($"--socket: {e.Message}");
        }
    }

    /// <summary>Does it; a <see cref="BusException"/> is told, and is status 1.</summary>
    protected abstract int Execute(ParseResult result);

    /// <summary>The value of an option; null where it was not given.</summary>
    protected static string? Value(ParseResult result, Option option) =>
        result.GetResult(option) is { Tokens: [Token token, ..] } ? token.Value : null;

    /// <summary>All values of an option or an argument.</summary>
    protected static string[] Values(ParseResult result, Symbol symbol) =>
        [.. (result.GetResult(symbol)?.Tokens ?? []).Select(static token => token.Value)];

    /// <summary>A time that was given.</summary>
    protected static TimeSpan? Time(ParseResult result, Option option) =>
        Value(result, option) is not { } text ? null
        : TimeText.TryParse(text, out TimeSpan time, out string? problem) ? time
        : throw new UsageException($"{option.Name}: {problem}");

    /// <summary>Where the socket is.</summary>
    protected string? SocketPath(ParseResult result) =>
        Value(result, Socket) is not { } path ? null
        : path.Length > 0 ? path
        : throw new UsageException("--socket: the path is empty");

    /// <summary>Where the server is, and whose is believed.</summary>
    protected BusClientOptions ClientOptions(ParseResult result)
    {
        var options = new BusClientOptions { SocketPath = SocketPath(result) };
        ReadUsers(result, TrustUser, options.TrustedServerUserIds);
        options.AnswerTimeout = Time(result, AnswerTimeout) ?? options.AnswerTimeout;
        return options;
    }

    /// <summary>The same for who asks one question and ends.</summary>
    protected BusClientOptions QuestionOptions(ParseResult result)
    {
        BusClientOptions options = ClientOptions(result);
        options.AsksOnce = true;
        return options;
    }

    /// <summary>Reads users that were named by their numbers.</summary>
    protected static void ReadUsers(ParseResult result, Option option, ISet<uint> users)
    {
        foreach (string user in Values(result, option))
        {
            _ = users.Add(uint.TryParse(user, CultureInfo.InvariantCulture, out uint id)
                ? id
                : throw new UsageException($"{option.Name}: '{user}' is not the number of a user; see id -u NAME"));
        }
    }

    /// <summary>Takes the options of groups for its own.</summary>
    protected void Add(IEnumerable<OptionGroup> groups)
    {
        foreach (Option option in groups.SelectMany(static group => group.Options))
        {
            Options.Add(option);
        }
    }

    /// <summary>Waits for an answer, unless the end of the run comes first.</summary>
    protected static T? WaitFor<T>(Task<T> answer, SessionEnd end)
        where T : class
    {
        try
        {
            _ = Task.WaitAny([answer], end.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        return answer.GetAwaiter().GetResult();
    }
}
