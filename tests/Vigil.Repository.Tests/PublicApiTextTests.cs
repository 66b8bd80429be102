namespace Vigil.Repository.Tests;

/// <summary>The text of the public API says what a caller can see, as the language says it.</summary>
public sealed class PublicApiTextTests
{
    [Fact]
    public void Members_are_written_as_a_caller_sees_them()
    {
        string[] all = [.. PublicApi.Describe(typeof(ApiSample<>).Assembly)];
        int first = Array.FindIndex(all, line => line.Contains("class Vigil.Repository.Tests.ApiSample"));
        string[] text = [.. all[first..].TakeWhile(line => !line.Contains("Tests.BannedTests"))];
        string expected =
            """
            abstract class Vigil.Repository.Tests.ApiSample<T> : IDisposable where T : unmanaged, IComparable<T>
                protected .ctor(string? name)
                event EventHandler? Changed
                int Count { get; }
                void Dispose()
                T this[int index] { get; }
                abstract Task<TOther?> MapAsync<TOther>(T value, int tries = 1) where TOther : class, new()
                required IReadOnlyList<string?> Names { get; init; }
                protected virtual void OnChanged()
                ref readonly int Peek()
                byte* Pointer(DayOfWeek day = DayOfWeek.Friday)
                const int Size = 3
                override string ToString()
                static bool TryGet(in T key, out string? value, ref int tries, params ReadOnlySpan<byte> rest)
                protected readonly string? _name

            [Flags] enum Vigil.Repository.Tests.ApiSample.Kinds<T> : uint where T : unmanaged, IComparable<T>
                None = 0
                One = 1
                High = 2147483648

            delegate int? Vigil.Repository.Tests.ApiSample.Look<T>(T[]? all = null) where T : unmanaged, IComparable<T>

            readonly ref struct Vigil.Repository.Tests.ApiSample.Views<T> where T : unmanaged, IComparable<T>
                ReadOnlySpan<byte> Name { get; }

            """;
        Assert.Equal(expected.TrimEnd(), string.Join('\n', text).TrimEnd());
    }
}
