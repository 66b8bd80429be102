using System.Text.Json;
using Vigil.Compare.Tools;

namespace Vigil.Compare.Speed;

/// <summary>
/// What the load program did in one directory, as it counted itself, and the kernel events that come of it.
/// </summary>
internal sealed record StormCounts(long Creates, long Writes, long Closes, long Renames, long Unlinks, double Seconds)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public long Operations => Creates + Writes + Closes + Renames + Unlinks;

    public static StormCounts Parse(string json) => JsonSerializer.Deserialize<StormCounts>(json, Options)
        ?? throw new InvalidOperationException($"the load program printed no counts: {json}");

    /// <summary>
    /// The events that inotify(7) queues for a watch of the directory with this mask. None can merge: the kernel merges
    /// an event only with one just before it that is equal, and two events of one step always differ.
    /// </summary>
    public long KernelEvents(uint mask) => ByKind(mask).Values.Sum();

    public IReadOnlyDictionary<ObservedKind, long> ByKind(uint mask)
    {
        Dictionary<ObservedKind, long> counts = [];
        Add(InotifyBits.IN_CREATE, ObservedKind.Created, Creates);
        Add(InotifyBits.IN_OPEN, ObservedKind.Other, Creates);
        Add(InotifyBits.IN_MODIFY, ObservedKind.Modified, Writes);
        Add(InotifyBits.IN_CLOSE_WRITE, ObservedKind.Closed, Closes);
        Add(InotifyBits.IN_MOVED_FROM, ObservedKind.MovedFrom, Renames);
        Add(InotifyBits.IN_MOVED_TO, ObservedKind.MovedTo, Renames);
        Add(InotifyBits.IN_DELETE, ObservedKind.Deleted, Unlinks);
        return counts;

        void Add(uint bit, ObservedKind kind, long count)
        {
            if ((mask & bit) != 0)
            {
                counts[kind] = count;
            }
        }
    }
}
