using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Terminals;

/// <summary>
/// The terminal between vigil, which reads keys, and a command that wants to read itself. A command runs in the
/// background as a job of a shell does; where it reads or changes the terminal, the kernel stops it, and it is given
/// the terminal until it ends. Not thread-safe.
/// </summary>
internal sealed class RunTerminal : IDisposable
{
    private readonly RunLoop _loop;
    private readonly TerminalHandle _terminal;
    private readonly TerminalMode _before;
    private readonly int _own = ProcessGroup.Own;
    private bool _isListening;

    private RunTerminal(RunLoop loop, TerminalHandle terminal, TerminalMode before)
    {
        _loop = loop;
        _terminal = terminal;
        _before = before;
    }

    /// <summary>The group that has the terminal in place of vigil; 0 where none has.</summary>
    public int Owner { get; private set; }

    /// <summary>How many characters a line takes.</summary>
    public int Columns => _terminal.Columns;

    /// <summary>
    /// Whether a shell has the terminal, and vigil is in the background. Nothing tells a job that runs there that it is
    /// brought to the foreground, so this is to be asked now and then.
    /// </summary>
    public bool IsInBackground =>
        !_isListening && Owner == 0 && _terminal.ForegroundGroup is > 0 and var foreground && foreground != _own;

    private bool IsForeground => _terminal.ForegroundGroup == _own;

    /// <summary>Opens it where a person sits at standard input.</summary>
    public static RunTerminal? TryOpen(RunLoop loop)
    {
        if (!TerminalHandle.IsInput || TerminalHandle.TryOpen() is not { } terminal)
        {
            return null;
        }

        if (terminal.GetMode() is { } mode)
        {
            return new RunTerminal(loop, terminal, mode);
        }

        terminal.Dispose();
        return null;
    }

    /// <summary>Reads keys from now on, unless vigil is in the background.</summary>
    public void Listen()
    {
        if (!_isListening && Owner == 0 && IsForeground)
        {
            _isListening = true;
            _terminal.SetMode(_before.ForKeys());
            _loop.Watch(_terminal);
        }
    }

    /// <summary>Puts the terminal back as it was.</summary>
    public void Rest()
    {
        if (_isListening)
        {
            _isListening = false;
            _loop.Unwatch(_terminal);
            if (IsForeground)
            {
                _terminal.SetMode(_before);
            }
        }
    }

    /// <summary>Gives it to a command.</summary>
    /// <returns>False where vigil has it not itself, because it is in the background.</returns>
    public bool TryGive(int group)
    {
        if (Owner == 0 && !IsForeground)
        {
            return false;
        }

        Rest();
        Owner = _terminal.TrySetForeground(group) ? group : 0;
        return Owner == group;
    }

    /// <summary>Takes it back from a command that has ended.</summary>
    public void TakeBack()
    {
        if (Owner != 0)
        {
            Owner = 0;
            _terminal.TrySetForeground(_own);
            _terminal.SetMode(_before);
            Listen();
        }
    }

    /// <summary>The keys that were typed.</summary>
    public string ReadKeys()
    {
        if (!_isListening || !IsForeground)
        {
            return string.Empty;
        }

        Span<byte> buffer = stackalloc byte[64];
        int count = _terminal.TryRead(buffer);
        if (count < 0)
        {
            // It is gone; SIGHUP tells that, too.
            Rest();
        }

        return count > 0 ? System.Text.Encoding.Latin1.GetString(buffer[..count]) : string.Empty;
    }

    public void Dispose()
    {
        TakeBack();
        Rest();
        _terminal.Dispose();
    }
}
