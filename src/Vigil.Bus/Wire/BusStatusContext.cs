using System.Text.Json.Serialization;

namespace Vigil.Bus.Wire;

/// <summary>How <see cref="BusStatus"/> is written and read.</summary>
[JsonSerializable(typeof(BusStatus))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class BusStatusContext : JsonSerializerContext;
