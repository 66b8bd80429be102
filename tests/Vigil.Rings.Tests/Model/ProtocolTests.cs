namespace Vigil.Rings.Tests;

/// <summary>
/// The protocol of the ring holds in every order in which its steps can be taken, with memory as weak as the code has
/// to take it. What the models are about is written in them, and in docs/internals/ring.md.
/// </summary>
public sealed class ProtocolTests
{
    public static TheoryData<string, string> Protocols => new()
    {
        { "sleep", "" },
        { "sleep", "COMMITS=5 PENDING=4 SIGNALS=2" },
        { "sleep", "CONSUMERS=2 COMMITS=2 SIGNALS=0" },
        { "sleep", "MANY_LOOKS" },
        { "sleep", "LEGACY" },
        { "sleep", "NO_SECOND_LOOK" },
        { "slots", "" },
        { "evict", "" },
        { "join", "" },
        { "join", "MESSAGES=6" },
        { "stall", "" },
        { "guard", "" },
    };

    [Theory]
    [MemberData(nameof(Protocols))]
    public void The_protocol_holds_in_every_order_of_its_steps(string model, string defines)
    {
        Checker checker = Checker.Check(model, defines);
        Assert.True(checker.Errors == 0, checker.Report);
        Assert.True(checker.IsWhole, checker.Report);
        TestContext.Current.TestOutputHelper?.WriteLine($"{checker.States} states");
    }
}
