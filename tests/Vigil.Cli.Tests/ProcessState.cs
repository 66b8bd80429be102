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
