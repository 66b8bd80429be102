using Vigil.Platform;

namespace Vigil.Cli.Parsing;

/// <summary>
/// The arguments as they were given. The runtime decodes them before anybody can look, and puts U+FFFD for every byte
/// that is not UTF-8; /proc/self/cmdline has the bytes, proc_pid_cmdline(5).
/// </summary>
internal static class GivenArguments
{
    private const char Replacement = '\uFFFD';

    /// <summary>The arguments as texts of <see cref="PathText"/>.</summary>
    /// <param name="decoded">What the runtime made of them.</param>
    public static string[] From(string[] decoded)
    {
        if (!decoded.Any(static argument => argument.Contains(Replacement)))
        {
            return decoded;
        }

        try
        {
            return Restore(decoded, File.ReadAllBytes("/proc/self/cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc such a path is not found, and that is told.
            return decoded;
        }
    }

    /// <summary>Takes the arguments out of a command line.</summary>
    /// <param name="decoded">What the runtime made of them.</param>
    /// <param name="commandLine">All words, each ended by a NUL; the arguments are the last of them.</param>
    internal static string[] Restore(string[] decoded, ReadOnlySpan<byte> commandLine)
    {
        string[] given = [.. decoded];
        for (int i = given.Length - 1; i >= 0 && commandLine is [.., 0]; i--)
        {
            commandLine = commandLine[..^1];
            int start = commandLine.LastIndexOf((byte)0) + 1;
            given[i] = PathText.FromBytes(commandLine[start..]);
            commandLine = commandLine[..start];
        }

        return given;
    }
}
