using System.Text.RegularExpressions;

namespace Vigil.Rings.Tests;

/// <summary>
/// Each fence, check and order in the models is needed: without it the model fails. That also shows that it can.
/// </summary>
public sealed partial class ProtocolMutantTests
{
    public static TheoryData<string, string> Mutants => new()
    {
        { "sleep", "NO_PRODUCER_FENCE" },
        { "sleep", "NO_CONSUMER_FENCE" },
        { "sleep", "NO_RECHECK" },
        { "sleep", "WRONG_ORDER_WITHOUT_HEAD_CHECK" },
        { "sleep", "BROADCAST_FIRST" },
        { "sleep", "ONE_WAKE" },
        { "sleep", "ONE_WAKE MANY_LOOKS" },
        { "sleep", "SAME_NAME" },
        { "slots", "NO_PROCESS_BARRIER" },
        { "slots", "NO_JOIN_BARRIER" },
        { "slots", "NO_WAIT_FOR_WRITER" },
        { "slots", "NO_WAKING_FLAG" },
        { "slots", "UNMAP_FIRST" },
        { "slots", "NO_PRODUCER_FENCE" },
        { "evict", "EVICT_AFTER_REUSE" },
        { "evict", "NO_EVICT_FENCE" },
        { "evict", "NO_LOAD_BARRIER" },
        { "evict", "LOOK_FIRST" },
        { "evict", "TAIL_BEFORE_READ" },
        { "evict", "HEAD_NOT_RELEASED" },
        { "join", "HEAD_BEFORE_GATE" },
        { "join", "RESCAN_WITHOUT_GATE" },
        { "join", "TAIL_BEFORE_READ" },
        { "join", "HEAD_FIRST" },
        { "stall", "TIME_READ_FIRST" },
        { "stall", "TIME_KEPT_BY_RESCAN" },
        { "stall", "COMMIT_TIME_OF_ANY" },
        { "stall", "COMMIT_TIME_BY_CLOCK" },
        { "stall", "COMMIT_TIME_OF_THE_BUSY" },
        { "stall", "SAID_ALONE" },
        { "stall", "NOBODY_IS_EVICTED" },
        { "guard", "NO_PROCESS_BARRIER" },
        { "guard", "LOOK_BEFORE_LEAVING" },
    };

    [Theory]
    [MemberData(nameof(Mutants))]
    public void Without_one_of_its_steps_it_does_not(string model, string defines)
    {
        Checker checker = Checker.Check(model, defines, isExpectedToFail: true);
        Assert.True(checker.Errors > 0, checker.Report);
    }

    [Fact]
    public void Everything_that_a_model_can_leave_out_is_left_out_once()
    {
        string[] tried = [.. from row in ProtocolTests.Protocols.Concat(Mutants)
                             from define in Checker.Names(row.Data.Item2)
                             select $"{row.Data.Item1}: {define.Split('=')[0]}"];
        string[] possible = [.. from model in Checker.Models
                                where model != "memory"
                                from text in new[] { Checker.Text(model) }
                                from match in Condition().Matches(text)
                                let name = match.Groups[1].Value
                                where !text.Contains($"#ifndef {name}\n#define {name} ", StringComparison.Ordinal)
                                select $"{model}: {name}"];
        Assert.NotEmpty(possible);
        Assert.Empty(possible.Except(tried));
    }

    [GeneratedRegex(@"(?:^#ifn?def |\bdefined\()(\w+)", RegexOptions.Multiline)]
    private static partial Regex Condition();
}
