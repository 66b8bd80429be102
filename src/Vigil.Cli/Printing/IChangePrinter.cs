namespace Vigil.Cli.Printing;

/// <summary>One way to put changes on standard output. Allocates nothing for a change. For one thread.</summary>
internal interface IChangePrinter
{
    /// <summary>
    /// Whether what the watcher says about itself goes to standard output; else it is talk, for standard error.
    /// </summary>
    public bool PrintsNotices { get; }

    /// <summary>Prints a change.</summary>
    public void Print(in ChangeRecord change, Output output);
}
