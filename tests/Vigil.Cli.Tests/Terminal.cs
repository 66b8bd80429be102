using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>Runs the published command on a terminal, which script(1) of util-linux makes.</summary>
internal static class Terminal
{
    /// <summary>What Ctrl-C is to a terminal.</summary>
    internal const char ControlC = '\u0003';

    /// <summary>Starts the command; what it prints on the terminal is the output of the process.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="arguments">Arguments and redirections, as a shell takes them.</param>
    /// <param name="settings">Settings of the environment, as env(1) takes them.</param>
    internal static ChildProcess Start(string directory, string arguments, params IEnumerable<string> settings)
    {
        string variables = string.Join(' ', settings.Select(static setting => $"'{setting}'"));

        // Without noflsh a terminal throws away what nobody has taken out of it yet when Ctrl-C is typed: termios(3).
        string command =
            $"stty noflsh; exec env -u NO_COLOR TERM=xterm {variables} '{PublishedBinary.Path}' {arguments}";
        Dictionary<string, string?> environment = new() { ["SHELL"] = "/bin/sh" };
        return ChildProcess.Start("script", ["-qec", command, "/dev/null"], directory, environment);
    }

    /// <summary>All that was printed on the terminal so far.</summary>
    internal static string Screen(this ChildProcess terminal) =>
        System.Text.Encoding.UTF8.GetString(terminal.Output.Bytes);
}
