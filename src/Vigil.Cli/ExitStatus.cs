namespace Vigil.Cli;

/// <summary>What the command ends with, for every sub-command.</summary>
internal static class ExitStatus
{
    /// <summary>Finished as asked, or stopped by SIGINT or SIGTERM, or nobody reads the output any more.</summary>
    public const int Success = 0;

    /// <summary>An error, told in one line on standard error.</summary>
    public const int Error = 1;

    /// <summary>Wrong usage, told with the nearest right one.</summary>
    public const int Usage = 2;

    /// <summary>The time given with <c>--timeout</c> passed.</summary>
    public const int Timeout = 3;
}
