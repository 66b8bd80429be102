using System.Runtime.InteropServices;

namespace Vigil.Watching;

/// <summary>Names as keys that are looked up by the bytes of an event, without a copy.</summary>
internal sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    internal static NameComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode();
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    /// <summary>Finds what a name has.</summary>
    internal static TValue[] Find<TValue>(Dictionary<byte[], TValue[]>? names, ReadOnlySpan<byte> name) =>
        names is not null && names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out TValue[]? found)
            ? found
            : [];

    /// <summary>
    /// Adds to what a name has. The array is replaced, so that whoever goes through it is not disturbed.
    /// </summary>
    internal static void Add<TValue>(Dictionary<byte[], TValue[]> names, byte[] name, TValue value)
        where TValue : class
    {
        ref TValue[]? values = ref CollectionsMarshal.GetValueRefOrAddDefault(names, name, out _);
        if (values is null)
        {
            values = [value];
        }
        else if (Array.IndexOf(values, value) < 0)
        {
            values = [.. values, value];
        }
    }

    /// <summary>Takes out of what a name has; a name without anything goes.</summary>
    internal static void Remove<TValue>(Dictionary<byte[], TValue[]> names, byte[] name, TValue value)
        where TValue : class
    {
        if (!names.TryGetValue(name, out TValue[]? values))
        {
            return;
        }

        TValue[] rest = values.Where(v => v != value).ToArray();
        if (rest.Length == 0)
        {
            names.Remove(name);
        }
        else
        {
            names[name] = rest;
        }
    }
}
