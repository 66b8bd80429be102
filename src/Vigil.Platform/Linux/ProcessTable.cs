using System.Buffers.Text;
using System.Globalization;

namespace Vigil.Platform.Linux;

/// <summary>The processes that are there: proc(5). All members are thread-safe.</summary>
public static class ProcessTable
{
    private const string Root = "/proc";
    private const int ThreadsAfterParent = 16;

    /// <summary>Reads all of it. A process that comes or goes meanwhile may be missed.</summary>
    /// <returns>The processes; none where /proc is not there.</returns>
    public static List<ProcessEntry> Read()
    {
        List<ProcessEntry> entries = [];
        if (!Directory.Exists(Root))
        {
            return entries;
        }

        foreach (string directory in Directory.EnumerateDirectories(Root))
        {
            ReadOnlySpan<char> name = Path.GetFileName(directory.AsSpan());
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && TryRead($"{directory}/stat") is { } stat
                && Parse(id, stat) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>Whether a process was started with a variable, which its descendants inherit unless they drop it.
    /// </summary>
    /// <param name="processId">Its number.</param>
    /// <param name="variable">The whole entry, NAME=VALUE.</param>
    /// <returns>False also where it may not be read.</returns>
    public static bool HasVariable(int processId, ReadOnlySpan<byte> variable)
    {
        ReadOnlySpan<byte> rest = TryRead($"{Root}/{processId}/environ");
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)0);
            ReadOnlySpan<byte> entry = end < 0 ? rest : rest[..end];
            if (entry.SequenceEqual(variable))
            {
                return true;
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return false;
    }

    /// <summary>The environment of this process as it was started, each entry as bytes without a NUL.</summary>
    /// <returns>The entries; those that the runtime decoded where /proc is not there.</returns>
    public static List<byte[]> OwnEnvironment()
    {
        List<byte[]> entries = [];
        if (TryRead($"{Root}/self/environ") is { } bytes)
        {
            foreach (Range range in bytes.AsSpan().Split((byte)0))
            {
                if (bytes.AsSpan(range) is { IsEmpty: false } entry)
                {
                    entries.Add(entry.ToArray());
                }
            }

            return entries;
        }

        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            entries.Add(PathText.ToBytes($"{variable.Key}={variable.Value}"));
        }

        return entries;
    }

    // The name, in parentheses, may hold blanks and parentheses itself; what follows the last one are single words:
    // state, parent, group and, 17 after the state, the number of threads. A process whose first thread alone has
    // ended is shown as a zombie, and goes on.
    private static ProcessEntry? Parse(int id, ReadOnlySpan<byte> stat)
    {
        int end = stat.LastIndexOf(") "u8);
        if (end < 0 || end + 4 >= stat.Length)
        {
            return null;
        }

        byte state = stat[end + 2];
        ReadOnlySpan<byte> rest = stat[(end + 4)..];
        if (!Utf8Parser.TryParse(rest, out int parent, out int used)
            || used + 1 >= rest.Length
            || !Utf8Parser.TryParse(rest[(used + 1)..], out int group, out _))
        {
            return null;
        }

        bool isZombie = state == (byte)'X' || (state == (byte)'Z' && ThreadsAfter(rest) <= 1);
        return new ProcessEntry(id, parent, group, isZombie);
    }

    private static int ThreadsAfter(ReadOnlySpan<byte> parentOn)
    {
        for (int i = 0; i < ThreadsAfterParent; i++)
        {
            parentOn = parentOn[(parentOn.IndexOf((byte)' ') + 1)..];
        }

        return Utf8Parser.TryParse(parentOn, out int threads, out _) ? threads : 0;
    }

    private static byte[]? TryRead(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to somebody else.
            return null;
        }
    }
}
