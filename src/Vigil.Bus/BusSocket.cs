using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Bus;

/// <summary>Where the socket of a bus is when nobody says. Thread-safe.</summary>
public static class BusSocket
{
    /// <summary>The variable that names another path.</summary>
    public const string Variable = "VIGIL_SOCKET";

    private const string DirectoryName = "vigil";
    private const string FileName = "bus.sock";

    // rwx------.
    private const uint OwnerOnly = 0x1c0;
    private const uint OthersMask = 0x3f;

    /// <summary>
    /// What VIGIL_SOCKET says; else <c>vigil/bus.sock</c> in XDG_RUNTIME_DIR, in /run/user/UID if that is this user's,
    /// or in a directory of this user's own below that for temporary files.
    /// </summary>
    public static string DefaultPath
    {
        get
        {
            string? said = Environment.GetEnvironmentVariable(Variable);
            if (!string.IsNullOrEmpty(said))
            {
                return Path.GetFullPath(said);
            }

            string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            if (!string.IsNullOrEmpty(runtime) && Path.IsPathRooted(runtime))
            {
                return Path.Combine(runtime, DirectoryName, FileName);
            }

            uint user = UnixSocket.OwnUserId;
            string home = $"/run/user/{user}";
            return IsOwn(home)
                ? Path.Combine(home, DirectoryName, FileName)
                : Path.Combine(Path.GetTempPath(), $"{DirectoryName}-{user}", FileName);
        }
    }

    /// <summary>Makes the directory of the default path, for its owner alone, and checks that it is.</summary>
    /// <param name="path">The path of the socket.</param>
    /// <exception cref="BusException">Others could change what is in it.</exception>
    internal static void PrepareDirectory(string path)
    {
        string directory = Path.GetDirectoryName(path) ?? "/";
        FileNames.MakeDirectories(directory, OwnerOnly);
        CheckDirectory(path);
    }

    /// <summary>Checks that nobody else could have put a socket at the default path.</summary>
    /// <param name="path">The path; one that was named is not asked about.</param>
    /// <exception cref="BusException">Others could change what is in its directory.</exception>
    internal static void CheckDirectory(string path)
    {
        string directory = Path.GetDirectoryName(path) ?? "/";
        bool isNamed = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));
        if (!isNamed && path == DefaultPath && Directory.Exists(directory) && !IsOwn(directory))
        {
            throw new BusException(
                BusProblem.NotAllowed,
                $"{directory} is not this user's alone; remove it, or say where the socket is to be "
                + $"({Variable} or --socket)");
        }
    }

    private static bool IsOwn(string directory) =>
        Stat.TryGet(PathText.ToTerminated(directory), followLinks: false, out FileStatus status) == Failure.None
        && status.Type == EntryType.Directory
        && status.OwnerId == UnixSocket.OwnUserId
        && (status.Mode & OthersMask) == 0;
}
