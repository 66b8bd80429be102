namespace Vigil.Compare.Speed;

/// <summary>One start on a tree, large or empty; memory is read once the tool is ready and has answered.</summary>
internal sealed record ReadySample(
    string Tool,
    int Repetition,
    double ReadyMilliseconds,
    long RssKib,
    long HighestRssKib,
    IReadOnlyList<string> Problems);
