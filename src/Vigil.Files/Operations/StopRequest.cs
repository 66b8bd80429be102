namespace Vigil.IO.Operations;

/// <summary>Ends the thread that takes completions.</summary>
internal sealed class StopRequest : RingNode;
