using System.Text;
using System.Text.Unicode;
using Vigil.Cli.Printing;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Cli;

/// <summary>
/// Standard error: what the command says to a person, one line at a time, each with the name of the command in front.
/// Thread-safe: a line is one write.
/// </summary>
internal static class Talk
{
    private const string EraseLine = "\r\u001b[K";
    private static volatile bool _isProgressShown;

    /// <summary>An error or a warning: never silenced.</summary>
    public static void Error(string message) => Write("vigil: " + OneLine(message) + "\n");

    /// <summary>Whether a person looks at standard error.</summary>
    public static bool IsTerminal => StandardStream.Error.IsTerminal;

    /// <summary>A line without the name in front, as it is.</summary>
    public static void Plain(string text) => Write(text);

    /// <summary>Something that goes on; the next line replaces it. For terminals only.</summary>
    public static void Progress(string message)
    {
        Write("vigil: " + message);
        _isProgressShown = true;
    }

    /// <summary>Takes what <see cref="Progress"/> showed off the terminal.</summary>
    public static void EraseProgress()
    {
        if (_isProgressShown)
        {
            Write(string.Empty);
        }
    }

    /// <summary>Tells what of the changes was lost at the end, unless standard error is stuck, too.</summary>
    /// <param name="output">Where they went.</param>
    /// <param name="isWhole">Whether all that happened before the end has come to it.</param>
    public static void Lost(Output output, bool isWhole)
    {
        if (output.LostBytes > 0 && IsReady)
        {
            Error($"{output.LostBytes} bytes were not written: standard output was not read for 1 s");
        }
        else if (!isWhole)
        {
            Stuck();
        }
    }

    /// <summary>Tells that the command ends without an orderly end, unless standard error is stuck, too.</summary>
    public static void Stuck()
    {
        if (IsReady)
        {
            Error("the end took longer than 1 s, and was not waited for; the last changes may not be told");
        }
    }

    /// <summary>An exception that nobody expected, on one line.</summary>
    public static void Unexpected(Exception e)
    {
        string? frame = e.StackTrace?.Split('\n', 2)[0].Trim();
        Error($"this should not happen, please report it: {e.GetType().Name}: {e.Message} {frame}".TrimEnd());
    }

    /// <summary>A text that may hold a path, and so line ends, escape sequences and bytes that are not UTF-8, as one
    /// harmless line.</summary>
    public static string OneLine(string message)
    {
        byte[] bytes = PathText.ToBytes(message);
        if (message.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && Utf8.IsValid(bytes))
        {
            return message;
        }

        byte[] room = new byte[ByteWriter.EscapedBytes(bytes.Length)];
        ByteWriter writer = new(room);
        writer.WriteEscaped(bytes, escapeBackslash: false);
        return Encoding.UTF8.GetString(writer.Written);
    }

    private static bool IsReady => StandardStream.Error.WaitForRoom(wake: null, timeoutMs: 0);

    private static void Write(string text)
    {
        if (_isProgressShown)
        {
            _isProgressShown = false;
            text = EraseLine + text;
        }

        try
        {
            _ = StandardStream.Error.TryWrite(PathText.ToBytes(text));
        }
        catch (VigilException)
        {
            // There is nobody left to tell.
        }
    }
}
