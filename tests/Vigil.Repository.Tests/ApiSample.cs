#pragma warning disable CA1000, CA1051, CA1720 // shapes that a library would not have, and a text must still show

namespace Vigil.Repository.Tests;

/// <summary>Something of everything, for the test of the public API's text.</summary>
public abstract class ApiSample<T> : IDisposable
    where T : unmanaged, IComparable<T>
{
    public const int Size = 3;
    protected readonly string? _name;
    internal int _hidden;

    protected ApiSample(string? name) => _name = name;

    public event EventHandler? Changed;

    public required IReadOnlyList<string?> Names { get; init; }

    public int Count { get; private set; }

    public T this[int index] => default;

    public static bool TryGet(in T key, out string? value, ref int tries, params ReadOnlySpan<byte> rest)
    {
        value = null;
        return rest.IsEmpty && tries == Size;
    }

    public abstract Task<TOther?> MapAsync<TOther>(T value, int tries = 1)
        where TOther : class, new();

    public unsafe byte* Pointer(DayOfWeek day = DayOfWeek.Friday) => null;

    public ref readonly int Peek() => ref _hidden;

    public void Dispose() => GC.SuppressFinalize(this);

    public override string ToString() => $"{_name}{Count}{Changed}";

    internal void Touch() => Count++;

    protected virtual void OnChanged() => Touch();

    public readonly ref struct Views
    {
        public ReadOnlySpan<byte> Name => default;
    }

    [Flags]
    public enum Kinds : uint
    {
        None = 0,
        One = 1,
        High = 0x80000000,
    }

    public delegate int? Look(T[]? all = null);
}
