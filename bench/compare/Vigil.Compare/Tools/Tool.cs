namespace Vigil.Compare.Tools;

/// <summary>A watcher under test: how it is started, how it says that it is ready, and what its lines mean.</summary>
internal abstract class Tool
{
    /// <summary>The bits of inotify(7) that a fair comparison of raw readers asks for.</summary>
    public const string CommonEvents = "create,delete,modify,close_write,moved_from,moved_to,attrib";

    /// <summary>The name on the command line and in the raw results.</summary>
    public abstract string Key { get; }

    /// <summary>The name in the tables.</summary>
    public abstract string Title { get; }

    /// <summary>The program file; a tool whose program is missing is left out, and the report says so.</summary>
    public abstract string Program { get; }

    public abstract string Version { get; }

    /// <summary>Whether every kernel event is one line, so that the number of lines can be checked.</summary>
    public virtual bool IsRaw => false;

    /// <summary>Whether the lines are a mirror of the tree, so that applying them must give the tree.</summary>
    public virtual bool IsMirror => false;

    /// <summary>Whether the tool watches what is below a directory too.</summary>
    public virtual bool WatchesTrees => true;

    public abstract bool Serves(Purpose purpose);

    public abstract IReadOnlyList<string> Arguments(Purpose purpose, string path);

    public abstract bool IsReady(string line);

    /// <summary>False for lines that are no event (ready, talk).</summary>
    public abstract bool TryParse(string line, string watched, out Observation observation);
}
