namespace Vigil.Compare.RingPeer;

/// <summary>A run whose answer is wrong is no run.</summary>
internal sealed class WrongAnswerException(string what, ulong expected, ulong actual)
    : Exception($"wrong answer: {what}: expected {expected}, got {actual}");
