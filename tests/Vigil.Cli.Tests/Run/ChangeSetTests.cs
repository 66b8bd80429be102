using Vigil.Cli.Run.Changes;
using Vigil.Cli.Run.Settings;
using Vigil.Cli.Run.Terminals;
using Vigil.Watching;

namespace Vigil.Cli.Tests.Run;

/// <summary>What several changes of a path come to, and the small languages beside it.</summary>
public sealed class ChangeSetTests
{
    [Theory]
    [InlineData("created a, modified a, closed a", "created a")]
    [InlineData("modified a, closed a", "modified a")]
    [InlineData("closed a", "modified a")]
    [InlineData("created a, deleted a", "")]
    [InlineData("deleted a, created a", "modified a")]
    [InlineData("metadata a, modified a", "modified a")]
    [InlineData("modified a, metadata a", "modified a")]
    [InlineData("created t, closed t, renamed t>a", "modified a")]
    [InlineData("renamed a>b", "renamed a>b")]
    [InlineData("renamed a>b, renamed b>c", "renamed a>c")]
    [InlineData("renamed a>b, renamed b>a", "modified a")]
    [InlineData("renamed a>b, deleted b", "deleted a")]
    [InlineData("renamed a>b, modified b", "renamed a>b")]
    [InlineData("modified a, renamed a>b", "renamed a>b")]
    [InlineData("modified d/x, renamed d/>e", "modified e/x, renamed d>e")]
    [InlineData("deleted a, created b", "deleted a, created b")]
    public void Changes_of_a_path_become_one(string changes, string result)
    {
        ChangeSet set = new();
        int second = 0;
        foreach (string change in changes.Split(", "))
        {
            string[] words = change.Split(' ', '>');
            bool isDirectory = words[1].EndsWith('/');
            _ = set.Add(
                Enum.Parse<FileChangeKind>(words[0], ignoreCase: true),
                words[^1].TrimEnd('/'),
                words.Length > 2 ? words[1].TrimEnd('/') : "",
                isDirectory ? EntryType.Directory : EntryType.File,
                DateTimeOffset.UnixEpoch.AddSeconds(second++));
        }

        Assert.Equal(result, string.Join(", ", set.InOrder().Select(static one =>
            $"{one.Kind.ToString().ToLowerInvariant()} {(one.OldPath is null ? "" : one.OldPath + ">")}{one.Path}")));
    }

    // Its contents are still to come.
    [Fact]
    public void A_file_that_is_made_again_is_no_save_before_it_is_closed()
    {
        ChangeSet set = new();
        set.Add(FileChangeKind.Deleted, "a", "", EntryType.File, default);
        set.Add(FileChangeKind.Created, "a", "", EntryType.File, default);
        Assert.False(set.IsSingleSave);
        set.Add(FileChangeKind.Modified, "a", "", EntryType.File, default);
        Assert.False(set.IsSingleSave);
        set.Add(FileChangeKind.Closed, "a", "", EntryType.File, default);
        Assert.True(set.IsSingleSave);
    }

    [Fact]
    public void Closing_is_only_an_end_where_it_was_not_asked_for()
    {
        ChangeSet set = new();
        Assert.Null(set.Add(FileChangeKind.Closed, "a", "", EntryType.File, default, countsClosed: false));
        Assert.NotNull(set.Add(FileChangeKind.Modified, "a", "", EntryType.File, default, countsClosed: false));
        Assert.True(set.HasOpen);
        Assert.NotNull(set.Add(FileChangeKind.Closed, "a", "", EntryType.File, default, countsClosed: false));
        Assert.False(set.HasOpen);
    }

    [Theory]
    [InlineData("make -j2 all", "make|-j2|all")]
    [InlineData("  a   b ", "a|b")]
    [InlineData("echo 'a b' \"c d\" e\\ f", "echo|a b|c d|e f")]
    [InlineData("grep \"a\\.b \\$c\"", "grep|a\\.b $c")]
    [InlineData("echo 'it'\\''s' \"a\\\"b\" ''", "echo|it's|a\"b|")]
    public void Lines_are_taken_apart_as_a_shell_does(string line, string words) =>
        Assert.Equal(words.Split('|'), ShellWords.Split(line));

    [Theory]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("", "''")]
    [InlineData("a/b-c.d", "a/b-c.d")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("~root", "'~root'")]
    [InlineData("{a,b}", "'{a,b}'")]
    public void Words_are_quoted_where_they_need_it(string word, string quoted)
    {
        Assert.Equal(quoted, ShellWords.Quote(word));
        Assert.Equal([word], ShellWords.Split(ShellWords.Join([word])));
    }

    [Theory]
    [InlineData("xterm", false, "\u001b]9;vigil: a\a")]
    [InlineData("foot-extra", false, "\u001b]777;notify;vigil;a\a")]
    [InlineData("tmux-256color", true, "\u001bPtmux;\u001b\u001b]9;vigil: a\a\u001b\\")]
    public void A_notice_is_in_the_words_of_the_terminal(string term, bool isInTmux, string sequence) =>
        Assert.Equal(sequence, DesktopNotice.Text("a\u001b", term, isInTmux));
}
