using System.Text;
using Vigil.Cli.Run.Changes;
using Vigil.Cli.Run.Settings;
using Vigil.Watching;

namespace Vigil.Cli.Tests.Run;

/// <summary>How much of many changes goes into a command: no more than the kernel takes.</summary>
public sealed class PlaceholderTests
{
    // MAX_ARG_STRLEN, execve(2).
    private const int MostBytesOfArgument = 128 * 1024;

    private static readonly List<RunChange> Changes =
        [.. Enumerable.Range(0, 50_000).Select(static i => Change($"/tmp/żółć it's {i}"))];

    [Fact]
    public void A_script_stays_one_argument_that_the_kernel_takes()
    {
        CommandPlan command = new() { Words = ["set", "--", "{path}", "{relative}", "{kind}"], Shell = "sh" };
        List<string> words = Placeholders.Fill(command, Changes, out int left);
        Assert.Equal(["sh", "-c"], words[..2]);
        Assert.InRange(Encoding.UTF8.GetByteCount(words[2]), MostBytesOfArgument / 2, MostBytesOfArgument - 1);
        Assert.InRange(left, 1, Changes.Count - 1);
    }

    [Fact]
    public void Words_stay_within_the_room_for_all_of_them()
    {
        CommandPlan command = new() { Words = ["echo", "{path}", "{path}={relative}"] };
        List<string> words = Placeholders.Fill(command, Changes, out int left);
        Assert.Equal(1 + (2 * (Changes.Count - left)), words.Count);
        Assert.InRange(words.Sum(Encoding.UTF8.GetByteCount), 256 << 10, 1 << 20);
    }

    [Fact]
    public void A_command_without_placeholders_needs_no_room()
    {
        CommandPlan command = new() { Words = ["echo", "{{path}}"] };
        Assert.Equal(["echo", "{path}"], Placeholders.Fill(command, Changes, out int left));
        Assert.Equal(0, left);
    }

    private static RunChange Change(string path) => new() { Path = path, Kind = FileChangeKind.Modified };
}
