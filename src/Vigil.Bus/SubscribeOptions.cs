using Vigil.Watching;

namespace Vigil.Bus;

/// <summary>What a subscriber wants of a tree. The defaults tell every change from now on.</summary>
public sealed class SubscribeOptions
{
    /// <summary>
    /// The position to go on from; none: from now on. Where what came after it is no longer kept,
    /// <see cref="FileChangeKind.Fresh"/> comes and then all that is there. A position belongs to the same root and
    /// the same rules.
    /// </summary>
    public ChangePosition Since { get; set; }

    /// <summary>Whether what is there at the start is told first, as <see cref="FileChangeKind.Created"/>.</summary>
    public bool ReportInitial { get; set; }

    /// <summary>Whether a file that was created or closed comes open with its change
    /// (<see cref="FileChange.Handle"/>).</summary>
    public bool WithDescriptors { get; set; }

    /// <summary>The kinds that are told. A mirror needs <see cref="FileChangeKinds.Structure"/> at least.</summary>
    public FileChangeKinds Kinds { get; set; } = FileChangeKinds.All;

    /// <summary>Patterns in the syntax of gitignore(5), relative to the root; if there are any, only what one of them
    /// matches is told.</summary>
    public IList<string> Include { get; } = [];

    /// <summary>Patterns in the syntax of gitignore(5), relative to the root; what they match is not told, nor what is
    /// below it.</summary>
    public IList<string> Ignore { get; } = [];

    internal SubscribeOptions Copy()
    {
        var copy = new SubscribeOptions
        {
            Since = Since,
            ReportInitial = ReportInitial,
            WithDescriptors = WithDescriptors,
            Kinds = Kinds,
        };
        foreach (string glob in Include)
        {
            copy.Include.Add(glob);
        }

        foreach (string glob in Ignore)
        {
            copy.Ignore.Add(glob);
        }

        return copy;
    }
}
