using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>
/// Runs the published command with its standard output in a named pipe, which is read at the pace of the test.
/// </summary>
internal sealed class PipeReader : IDisposable
{
    private const int PageBytes = 4096;
    private readonly FileStream _pipe;
    private readonly MemoryStream _read = new();
    private readonly byte[] _page = new byte[PageBytes];

    /// <summary>Starts the command.</summary>
    /// <param name="tree">Where it runs, and where the pipe is.</param>
    /// <param name="arguments">Its arguments, as a shell takes them.</param>
    /// <param name="filledBytes">How many bytes of the pipe are taken, by NULs, before it starts.</param>
    internal PipeReader(TempTree tree, string arguments, int filledBytes = 0)
    {
        string path = tree.At("pipe");
        _ = ChildProcess.Shell($"mkfifo '{path}'");
        string command = $"exec > '{path}'; head -c {filledBytes} /dev/zero; "
            + $"exec '{PublishedBinary.Path}' {arguments}";
        Process = ChildProcess.Start("bash", ["-c", command], tree.Path);
        _pipe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
    }

    /// <summary>The command.</summary>
    internal ChildProcess Process { get; }

    /// <summary>What was read.</summary>
    internal byte[] Bytes => _read.ToArray();

    /// <summary>Its whole lines.</summary>
    internal string[] Lines => System.Text.Encoding.UTF8.GetString(Bytes).Split('\n')[..^1];

    /// <summary>Reads a little; a call in every look of <see cref="Eventually"/> makes a slow reader.</summary>
    /// <param name="pages">How much at the most.</param>
    /// <returns>False at the end of the file.</returns>
    internal bool Read(int pages = 1)
    {
        for (int i = 0; i < pages; i++)
        {
            int count = _pipe.Read(_page);
            if (count == 0)
            {
                return false;
            }

            _read.Write(_page, 0, count);
        }

        return true;
    }

    public void Dispose()
    {
        _pipe.Dispose();
        Process.Dispose();
        _read.Dispose();
    }
}
