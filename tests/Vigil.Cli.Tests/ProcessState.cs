using System.Globalization;
using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>What a process is doing, as the kernel tells it in proc(5).</summary>
internal static class ProcessState
{
    /// <summary>Whether a watch of it is set.</summary>
    internal static bool IsWatching(int pid) =>
        Texts($"/proc/{pid}/fdinfo", string.Empty).Any(static text => text.Contains("inotify wd:"));

    /// <summary>
    /// Whether some thread of it waits for room, in poll(2) with two descriptors: call 7 on x86-64, ppoll(2), 73, on
    /// arm64.
    /// </summary>
    internal static bool IsBlocked(int pid) =>
        Texts($"/proc/{pid}/task", "syscall").Any(static text => text.Split(' ') is ["7" or "73", _, "0x2", ..]);

    /// <summary>Whether a signal has stopped it, all of its threads.</summary>
    internal static bool IsStopped(int pid) =>
        Texts($"/proc/{pid}/task", "stat").TrueForAll(static text => text[(text.LastIndexOf(')') + 2)..][0] == 'T');

    /// <summary>Whether a signal was sent that it has not taken yet; another one of its kind would be lost.</summary>
    internal static bool HasPending(int pid, Signal signal)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(static line => line.StartsWith("ShdPnd:"));
        ulong pending = ulong.Parse(line["ShdPnd:".Length..].Trim(), NumberStyles.HexNumber);
        return (pending & (1UL << ((int)signal - 1))) != 0;
    }

    private static List<string> Texts(string directory, string file)
    {
        List<string> texts = [];
        if (!Directory.Exists(directory))
        {
            return texts;
        }

        foreach (string entry in Directory.GetFileSystemEntries(directory))
        {
            try
            {
                texts.Add(File.ReadAllText(file.Length > 0 ? Path.Join(entry, file) : entry));
            }
            catch (IOException)
            {
                // It was closed, or has ended, meanwhile.
            }
        }

        return texts;
    }
}
