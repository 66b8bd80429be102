using System.Globalization;
using System.Text;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>What waits to be quiet is told before that which others depend on, and finding it costs little.</summary>
[Collection(nameof(Alone))]
public sealed class SettlerTests
{
    private static readonly string[] Names = ["a", "a-", "a.", "a/", "a0", "aa", "b", "b/a", "b/a/a", "b/a0", "ba"];

    [Fact]
    public void A_rename_of_a_directory_tells_what_waits_in_it_and_nothing_else()
    {
        var told = new SettledChanges();
        string[] inside = ["/t/d", "/t/d/x", "/t/d/x/y", "/t/d/\u00ff"];
        string[] beside = ["/t/d!", "/t/d-", "/t/d.x", "/t/d0", "/t/dd", "/t/c/d", "/u/d/x", "/t"];
        foreach (string path in beside.Concat(inside))
        {
            told.Add(FileChangeKind.Metadata, path, EntryType.Directory);
        }

        told.Rename("/t/d", "/t/e", EntryType.Directory);
        Assert.Equal([.. inside.Select(path => "metadata " + path), "renamed /t/d -> /t/e"], told.Take());
        told.ReleaseAll();
        Assert.Equal(beside.Select(path => "metadata " + path), told.Take());
    }

    [Fact]
    public void Of_random_paths_a_rename_tells_those_in_it_in_the_order_of_their_last_change() => Seed.RunMany(
        200,
        random =>
        {
            var told = new SettledChanges();
            var waiting = new List<string>();
            for (int i = 0; i < 40; i++)
            {
                string path = "/" + Path.TrimEndingDirectorySeparator(
                    Names[random.Next(Names.Length)] + (random.Next(2) == 0 ? "/" + Names[random.Next(3)] : ""));
                waiting.Remove(path);
                waiting.Add(path);
                told.Add(FileChangeKind.Metadata, path, EntryType.Directory);
            }

            string renamed = "/" + Path.TrimEndingDirectorySeparator(Names[random.Next(Names.Length)]);
            string[] within = [.. waiting.Where(path => path == renamed
                || path.StartsWith(renamed + "/", StringComparison.Ordinal))];
            told.Rename(renamed, "/z", EntryType.Directory);
            Assert.Equal([.. within.Select(path => "metadata " + path), $"renamed {renamed} -> /z"], told.Take());
            told.ReleaseAll();
            Assert.Equal(waiting.Except(within).Select(path => "metadata " + path), told.Take());
        });

    [Fact]
    public void The_cost_of_a_rename_does_not_grow_with_what_waits_elsewhere()
    {
        // Twenty times as many, twenty times as much work: were each rename to look at all that waits, it would be four
        // hundred times. The processor's time of this thread, as others may have the processor meanwhile.
        _ = RenameEachOf(5000);
        long few = RenameEachOf(5000);
        long many = RenameEachOf(100_000);
        Assert.InRange((double)many / few, 0, 130);
    }

    private static long RenameEachOf(int count)
    {
        var told = new SettledChanges();
        for (int i = 0; i < count; i++)
        {
            told.Add(FileChangeKind.Created, $"/t/d{i / 10}/f{i}", EntryType.File);
        }

        long before = ProcessorNs();
        for (int i = 0; i < count / 10; i++)
        {
            told.Rename($"/t/d{i}", $"/t/e{i}", EntryType.Directory);
        }

        long cost = ProcessorNs() - before;
        Assert.Equal(count + (count / 10), told.Take().Count);
        return cost;
    }

    private static long ProcessorNs() => long.Parse(
        File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>A settler whose changes never become quiet by themselves, and what it told.</summary>
    private sealed class SettledChanges
    {
        private readonly Settler _settler = new(TimeSpan.FromDays(1));
        private readonly ChangeWriter _writer = new(
            new Mirror(), [], FileChangeKinds.All, new PathFilter([], []), TimeSpan.Zero, int.MaxValue);

        internal void Add(FileChangeKind kind, string path, EntryType type)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(path);
            _settler.Add(
                new FileChange(kind, type, false, 0, 0, bytes, 0, bytes.Length, 0, null), EntryType.Unknown, _writer);
        }

        internal void Rename(string from, string to, EntryType type)
        {
            int length = Encoding.UTF8.GetByteCount(to);
            byte[] both = Encoding.UTF8.GetBytes(to + from);
            var change = new FileChange(
                FileChangeKind.Renamed, type, false, 0, 0, both, 0, length, both.Length - length, null);
            _settler.Add(change, EntryType.Unknown, _writer);
        }

        internal void ReleaseAll() => _settler.ReleaseAll(_writer);

        internal List<string> Take()
        {
            _writer.Flush(CancellationToken.None);
            var told = new List<string>();
            while (_writer.Reader.TryRead(out FileChange change))
            {
                string old = change.OldPath is { } path ? path + " -> " : "";
                told.Add($"{FileChange.KindName(change.Kind)} {old}{change.Path}");
            }

            return told;
        }
    }
}
