namespace Vigil.Compare.Files;

/// <summary>One way to do what a part measures: a program and its arguments.</summary>
internal sealed record FilesPeer(string Key, string Title, string Program, IReadOnlyList<string> Arguments)
{
    public bool IsOurs => Key.StartsWith("vigil", StringComparison.Ordinal);
}
