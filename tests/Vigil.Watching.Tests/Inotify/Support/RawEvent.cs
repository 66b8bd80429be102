using System.Text;

namespace Vigil.Watching.Tests;

/// <summary>A copy of an event, to keep and compare.</summary>
internal sealed record RawEvent(int Watch, InotifyMask Mask, uint Cookie, int Length, string Name)
{
    internal static RawEvent Copy(InotifyEvent e) =>
        new(e.Watch.Value, e.Mask, e.Cookie, e.Length, Encoding.Latin1.GetString(e.Name));

    internal string Short => Name.Length == 0 ? Mask.KernelNames : $"{Mask.KernelNames} {Name}";
}
