using System.Text;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Processes;

/// <summary>
/// The processes that the commands of a group have started and that still live, whatever they did to get away: orphans
/// come back to this process, which adopts them, and are known by their process group or by a variable.
/// </summary>
/// <param name="number">The number of the group.</param>
/// <param name="isOnly">Whether there is no other group: then every descendant is one of it.</param>
/// <param name="strangers">Children of this process that no command has started.</param>
internal sealed class Descendants(int number, bool isOnly, IReadOnlySet<int> strangers)
{
    private const int RememberedGroups = 64;
    private readonly Queue<int> _groups = new();
    private readonly byte[] _variable =
        Encoding.UTF8.GetBytes($"VIGIL_RUN={Environment.ProcessId}.{number}");

    /// <summary>The variable that marks them, NAME=VALUE.</summary>
    public byte[] Variable => _variable;

    /// <summary>Remembers the process group of a command.</summary>
    public void Note(int group)
    {
        _groups.Enqueue(group);
        if (_groups.Count > RememberedGroups)
        {
            _groups.Dequeue();
        }
    }

    /// <summary>The process groups that were made for commands; the last of them where there were many.</summary>
    public IReadOnlyCollection<int> Groups => _groups;

    /// <summary>Whether there may be one, also where a look at the process table has found none: one that was made
    /// during the look, by one that ended before it came to it.</summary>
    public bool MayHaveMore => isOnly && strangers.Count == 0 && ChildProcesses.HasAny;

    /// <summary>The children that this process has now.</summary>
    public static IEnumerable<int> ChildrenNow() => !ChildProcesses.HasAny
        ? []
        : from entry in ProcessTable.Read() where entry.ParentId == Environment.ProcessId select entry.Id;

    /// <summary>Finds those that live now.</summary>
    /// <param name="known">Some that were found before, by parents that may have ended meanwhile.</param>
    public List<ProcessEntry> Find(IReadOnlyCollection<int> known)
    {
        List<ProcessEntry> table = ProcessTable.Read();
        ILookup<int, ProcessEntry> children = table.ToLookup(static entry => entry.ParentId);
        List<ProcessEntry> found = [];
        Queue<ProcessEntry> left = new(children[Environment.ProcessId].Where(
            child => known.Contains(child.Id) || IsOurs(child)));
        while (left.TryDequeue(out ProcessEntry entry))
        {
            if (!entry.IsZombie)
            {
                found.Add(entry);
            }

            foreach (ProcessEntry child in children[entry.Id])
            {
                left.Enqueue(child);
            }
        }

        return found;
    }

    private bool IsOurs(ProcessEntry child) => !strangers.Contains(child.Id)
        && (isOnly || _groups.Contains(child.GroupId) || ProcessTable.HasVariable(child.Id, _variable));
}
