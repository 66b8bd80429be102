namespace Vigil.Watching;

/// <summary>One watch of the kernel: a directory, whoever needs it. Under the engine's gate.</summary>
internal sealed class WatchNode(int watch, ulong identity)
{
    /// <summary>The watch descriptor.</summary>
    internal int Watch { get; } = watch;

    /// <summary>Which directory it is.</summary>
    internal ulong Identity { get; } = identity;

    /// <summary>The path under which it was seen last, without symbolic links.</summary>
    internal string Directory { get; set; } = "";

    /// <summary>What the kernel was asked for.</summary>
    internal InotifyMask Mask { get; set; }

    /// <summary>The ways that lead through it or end in it, and what each needs.</summary>
    internal Dictionary<FileWay, InotifyMask> Users { get; } = [];

    /// <summary>The ways that end in it: replaced, never changed.</summary>
    internal FileWay[] Ends { get; set; } = [];

    /// <summary>Names in it on which ways depend: links, what is missing, the last directory of a way.</summary>
    internal Dictionary<byte[], FileWay[]> Steps { get; } = new(NameComparer.Instance);

    /// <summary>What all its users need together.</summary>
    internal InotifyMask Needed
    {
        get
        {
            InotifyMask sum = InotifyMask.None;
            foreach (InotifyMask mask in Users.Values)
            {
                sum |= mask;
            }

            return sum;
        }
    }
}
