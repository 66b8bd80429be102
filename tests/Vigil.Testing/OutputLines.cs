using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Vigil.Testing;

/// <summary>One output stream of a child process, read to its end by a thread of its own. Thread-safe.</summary>
public sealed class OutputLines
{
    private readonly object _gate = new(); // pulsed when anything below changes
    private readonly string _name;
    private readonly List<string> _lines = [];
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _next;
    private bool _ended;

    internal OutputLines(string name, Stream stream)
    {
        _name = name;
        new Thread(() => ReadToEnd(stream)) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>All complete lines so far, without their line feeds; invalid UTF-8 is shown as U+FFFD.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>All bytes so far, exactly as they were written.</summary>
    public byte[] Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes.WrittenSpan.ToArray();
            }
        }
    }

    /// <summary>
    /// Waits for a line. Each call goes on after the line that the last one returned, so calls in a row expect their
    /// lines in that order; the lines between are passed over.
    /// </summary>
    /// <param name="predicate">Says whether it is the line.</param>
    /// <param name="reason">What is waited for, as the end of the sentence "waited for …".</param>
    /// <param name="timeout">How long at most; <see cref="Eventually.DefaultTimeout"/> if not given.</param>
    /// <returns>The line.</returns>
    /// <exception cref="TimeoutException">The time ran out; the message holds reason and last lines.</exception>
    /// <exception cref="EndOfStreamException">The stream ended without such a line.</exception>
    public string WaitForLine(Func<string, bool> predicate, string reason, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        TimeSpan limit = timeout ?? Eventually.DefaultTimeout;
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            for (int from = _next; ; from++)
            {
                for (; from == _lines.Count; Monitor.Wait(_gate, Left(start, limit)))
                {
                    if (_ended)
                    {
                        throw new EndOfStreamException($"{_name} ended before {reason}{Tail()}");
                    }

                    if (Left(start, limit) == TimeSpan.Zero)
                    {
                        throw new TimeoutException(
                            $"waited {limit.TotalSeconds:0.###} s for {reason} on {_name}{Tail()}");
                    }
                }

                if (predicate(_lines[from]))
                {
                    _next = from + 1;
                    return _lines[from];
                }
            }
        }
    }

    /// <summary>Waits for the end of the stream.</summary>
    /// <param name="timeout">How long at most; <see cref="Eventually.DefaultTimeout"/> if not given.</param>
    /// <returns>All lines.</returns>
    /// <exception cref="TimeoutException">The time ran out; the message holds the last lines.</exception>
    public IReadOnlyList<string> WaitForEnd(TimeSpan? timeout = null)
    {
        Eventually.True(() => Ended, $"the end of {_name}", timeout);
        return Lines;
    }

    /// <summary>The last lines, for a message.</summary>
    internal string Tail()
    {
        IReadOnlyList<string> lines = Lines;
        return lines.Count == 0
            ? $"; {_name} is empty"
            : $"; {_name} ({lines.Count} lines) ends:\n  {string.Join("\n  ", lines.TakeLast(20))}";
    }

    private bool Ended
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    private static TimeSpan Left(long start, TimeSpan limit)
    {
        TimeSpan left = limit - Stopwatch.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void ReadToEnd(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var line = new List<byte>();
        try
        {
            for (int n; (n = stream.Read(buffer)) > 0;)
            {
                Add(buffer.AsSpan(0, n), line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process was disposed of while we read: that is the end.
        }

        lock (_gate)
        {
            if (line.Count > 0)
            {
                _lines.Add(Encoding.UTF8.GetString([.. line]));
            }

            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Add(ReadOnlySpan<byte> bytes, List<byte> line)
    {
        lock (_gate)
        {
            _bytes.Write(bytes);
            for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
            {
                line.AddRange(bytes[..end]);
                _lines.Add(Encoding.UTF8.GetString([.. line]));
                line.Clear();
            }

            line.AddRange(bytes);
            Monitor.PulseAll(_gate);
        }
    }
}
