namespace Vigil.Cli.Printing;

/// <summary>
/// One way to put the kernel's events on standard output. Allocates nothing for an event. For one thread.
/// </summary>
internal interface IRawPrinter
{
    /// <summary>Tells that every watch is set.</summary>
    /// <returns>Whether it was told on standard output; else it is talk, for standard error.</returns>
    public bool PrintReady(Output output);

    /// <summary>Prints an event.</summary>
    public void Print(in RawEvent source, Output output);
}
