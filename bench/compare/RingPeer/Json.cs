using System.Globalization;

namespace Vigil.Compare.RingPeer;

/// <summary>One line of JSON with numbers.</summary>
internal static class Json
{
    public static void Write(params ReadOnlySpan<(string Name, double Value)> numbers)
    {
        List<string> parts = [];
        foreach ((string name, double value) in numbers)
        {
            parts.Add($"\"{name}\":{value.ToString("0.#########", CultureInfo.InvariantCulture)}");
        }

        Console.WriteLine("{" + string.Join(',', parts) + "}");
    }
}
