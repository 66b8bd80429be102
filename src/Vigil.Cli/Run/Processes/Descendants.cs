using System.Text;
using Vigil.Platform.Linux;

namespace Vigil.Cli.Run.Processes;

/// <summary>
/// The processes that the commands of a group have started and that still live, whatever they did to get away: orphans
/// come back to this process, which adopts them, and are known by their process group or by a variable.
/// </summary>
/// <param name="number">The number of the group.</param>
/// <param name="isOnly">Whether there is no other group: then every descendant is one of it.</param>
internal sealed class Descendants(int number, bool isOnly)
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

    /// <summary>Finds those that live now.</summary>
    public List<ProcessEntry> Find()
    {
        List<ProcessEntry> table = ProcessTable.Read();
        ILookup<int, ProcessEntry> children = table.ToLookup(static entry => entry.ParentId);
        List<ProcessEntry> found = [];
        Queue<ProcessEntry> left = new(children[Environment.ProcessId].Where(IsOurs));
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

    private bool IsOurs(ProcessEntry child) =>
        isOnly || _groups.Contains(child.GroupId) || ProcessTable.HasVariable(child.Id, _variable);
}
