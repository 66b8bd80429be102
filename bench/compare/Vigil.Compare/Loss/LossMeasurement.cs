namespace Vigil.Compare.Loss;

/// <summary>One number of the loss table, as it was measured once.</summary>
internal sealed record LossMeasurement(
    string Scenario, string Row, string Tool, string FileSystem, LossGoal Goal, int Value, int Of, string? Note)
{
    public bool IsMet => Goal == LossGoal.None ? Value == 0 : Value == Of;
}
