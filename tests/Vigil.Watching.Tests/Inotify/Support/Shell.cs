using System.Diagnostics;
using System.Text;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>One /bin/sh in a directory, fed line by line, so that <c>cd</c> and variables last.</summary>
internal sealed class Shell : IDisposable
{
    private const string EndMark = "--- end of line, status ";

    private readonly Process _process;

    /// <summary>Starts the shell.</summary>
    /// <param name="directory">Where it starts.</param>
    /// <param name="command">The program and its arguments, where it is not just /bin/sh.</param>
    internal Shell(string directory, params IReadOnlyList<string> command)
    {
        ProcessStartInfo start = new(command.Count > 0 ? command[0] : "/bin/sh", command.Skip(1))
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        start.Environment["LC_ALL"] = "C";
        _process = Process.Start(start)!;
        Send("exec 2>&1");
    }

    /// <summary>One line in a shell of its own.</summary>
    internal static void Run(string directory, string line)
    {
        using Shell shell = new(directory);
        shell.Run(line);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Eventually.DefaultTimeout))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    /// <summary>Runs a line and waits for its end; a status that is not 0 fails the test.</summary>
    internal void Run(string line) => _ = Output(line);

    /// <summary>As <see cref="Run(string)"/>, with what the line printed.</summary>
    internal string Output(string line)
    {
        Send(line);
        Send($"echo '{EndMark}'$?");
        StringBuilder output = new();
        while (true)
        {
            string text = ReadLine(line);
            int mark = text.IndexOf(EndMark, StringComparison.Ordinal);
            if (mark < 0)
            {
                output.Append(text).Append('\n');
                continue;
            }

            output.Append(text.AsSpan(0, mark));
            Assert.True(text.EndsWith(EndMark + "0", StringComparison.Ordinal), $"$ {line}\n{output}{text[mark..]}");
            return output.ToString();
        }
    }

    private void Send(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    private string ReadLine(string line)
    {
        Task<string?> read = _process.StandardOutput.ReadLineAsync();
        if (!read.Wait(Eventually.DefaultTimeout))
        {
            throw new TimeoutException($"The shell did not finish: {line}");
        }

        return read.Result ?? throw new InvalidOperationException($"The shell ended at: {line}");
    }
}
