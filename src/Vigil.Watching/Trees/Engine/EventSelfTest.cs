using System.Text;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <summary>
/// Finds out whether a file system gives events: makes a file in a directory and waits for word of it.
/// </summary>
internal static class EventSelfTest
{
    private const int WaitMs = 1000;

    /// <summary>Tries it. Where it cannot be tried, the directory is better watched and polled, too.</summary>
    internal static FileSystemKind GivesEvents(DirectoryHandle directory)
    {
        string name = $"{Encoding.UTF8.GetString(TreeEngine.CookiePrefix)}{Environment.ProcessId}-{Guid.NewGuid():N}\0";
        byte[] terminatedName = Encoding.UTF8.GetBytes(name);
        try
        {
            using InotifyHandle inotify = InotifyHandle.Open();
            if (inotify.TryAddWatch(directory, (uint)InotifyMask.Create, out _) < 0
                || !directory.TryCreateFile(terminatedName))
            {
                return FileSystemKind.Remote;
            }

            try
            {
                return Poll.Wait(inotify, null, null, WaitMs) == PollReady.First
                    ? FileSystemKind.Local
                    : FileSystemKind.Pseudo;
            }
            finally
            {
                directory.TryRemoveFile(terminatedName);
            }
        }
        catch (VigilException)
        {
            return FileSystemKind.Remote;
        }
    }
}
