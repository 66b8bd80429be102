using System.Text;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// The mirror promise under storms of several processes. Half of the seeds run on tmpfs, half on the file system of the
/// temporary directory. A failing seed is printed; VIGIL_SEED replays it.
/// </summary>
[Collection(nameof(Alone))]
public sealed class StormTests : IDisposable
{
    private readonly StormCrew _crew = new(3);

    public void Dispose() => _crew.Dispose();

    [Fact]
    public Task A_reader_that_starts_from_a_snapshot_holds_the_tree() =>
        Seed.RunManyAsync(70, random => new Storm
        {
            Options = () => new TreeWatcherOptions(),
            SnapshotInside = random.Next(2) == 0,
        }.RunAsync(_crew, random));

    [Fact]
    public Task A_reader_that_starts_from_the_initial_entries_holds_the_tree() =>
        Seed.RunManyAsync(50, random => new Storm
        {
            Options = () => new TreeWatcherOptions { ReportInitial = true },
        }.RunAsync(_crew, random));

    [Fact]
    public Task Structure_alone_is_enough_to_hold_the_tree() =>
        Seed.RunManyAsync(12, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Kinds = FileChangeKinds.Structure },
        }.RunAsync(_crew, random));

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(200)]
    public Task Settled_changes_lead_to_the_tree(int settleMs) =>
        Seed.RunManyAsync(10, random => new Storm
        {
            Options = () => new TreeWatcherOptions
            {
                Settle = TimeSpan.FromMilliseconds(settleMs),
                ReportInitial = true,
            },
        }.RunAsync(_crew, random));

    [Fact]
    public Task Settled_changes_go_on_from_a_snapshot() =>
        Seed.RunManyAsync(10, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Settle = TimeSpan.FromMilliseconds(20) },
            SnapshotInside = true,
        }.RunAsync(_crew, random));

    [Fact]
    public async Task Lost_events_are_made_up_for()
    {
        int overflows = 0;
        bool isLive = await TryWithSmallQueueAsync(() => Seed.RunManyAsync(30, async random =>
            overflows += (await new Storm
            {
                Options = () => new TreeWatcherOptions { ReportInitial = random.Next(2) == 0 },
                SnapshotInside = true,
            }.RunAsync(_crew, random)).Reader.Overflows));
        if (!isLive)
        {
            await Seed.RunManyAsync(6, async random => overflows += await StoppedStorm.RunAsync(_crew, random));
        }

        Assert.True(overflows > 0, "the queue never ran over, so nothing was shown");
    }

    [Fact]
    public async Task Lost_events_are_made_up_for_where_changes_settle()
    {
        bool isLive = await TryWithSmallQueueAsync(() => Seed.RunManyAsync(8, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Settle = TimeSpan.FromMilliseconds(30), ReportInitial = true },
        }.RunAsync(_crew, random)));
        if (!isLive)
        {
            await Seed.RunManyAsync(3, random => StoppedStorm.RunAsync(_crew, random, "settle\t30"));
        }
    }

    [Fact]
    public Task What_a_stopped_watcher_lost_is_made_up_for() => Seed.RunManyAsync(3, async random =>
    {
        string[] options = random.Next(2) == 0 ? ["snapshot"] : [];
        Assert.True(await StoppedStorm.RunAsync(_crew, random, options) > 0, "the queue did not run over");
    });

    [Fact]
    public Task A_slow_reader_with_little_room_holds_the_tree_in_the_end()
    {
        var never = new ManualResetEventSlim();
        return Seed.RunManyAsync(8, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Capacity = 1 + random.Next(32) },
            HoldUp = () => never.Wait(1),
        }.RunAsync(_crew, random));
    }

    [Fact]
    public Task Ignored_names_are_left_out() =>
        Seed.RunManyAsync(12, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Ignore = { "b/", "h.txt", "/c/d", "!/a/b/" } },
            LeftOut = root => LeftOutBy(new PathFilter([], ["b/", "h.txt", "/c/d", "!/a/b/"])),
        }.RunAsync(_crew, random));

    [Fact]
    public Task Ignore_files_are_honoured_wherever_they_come_to_lie() =>
        Seed.RunManyAsync(12, random => new Storm
        {
            Options = () => new TreeWatcherOptions { HonourIgnoreFiles = true },
            Prepare = root =>
            {
                File.WriteAllText(Path.Combine(root, ".gitignore"), "f\n/a/c\n");
                for (int i = 0; i < 4; i++)
                {
                    // Directories with rules of their own, that the storm moves about.
                    string directory = Path.Combine(root, "abde"[random.Next(4)].ToString(), "c");
                    Directory.CreateDirectory(directory);
                    File.WriteAllText(Path.Combine(directory, ".gitignore"), "*.txt\n!/h.txt\nd/\n");
                }
            },
            LeftOut = LeftOutByFiles,
        }.RunAsync(_crew, random));

    [Fact]
    public Task Polling_finds_the_tree() =>
        Seed.RunManyAsync(12, random => new Storm
        {
            Options = () => new TreeWatcherOptions
            {
                Backend = WatchBackend.Poll,
                PollInterval = TimeSpan.FromMilliseconds(20),
                ReportInitial = random.Next(2) == 0,
            },
        }.RunAsync(_crew, random));

    /// <summary>
    /// The kernel reads the limit when the process's instance is opened, so a watcher that stays opens it under the
    /// small one. Only root may set it; for everybody else the queue runs over where the watcher is stopped.
    /// </summary>
    private static async Task<bool> TryWithSmallQueueAsync(Func<Task> body)
    {
        using TempTree aside = TempTree.InMemory();
        TreeWatcher keeper;
        using (Sysctl? small = Sysctl.TrySetMaxQueuedEvents(64))
        {
            if (small is null)
            {
                return false;
            }

            keeper = await TreeWatcher.StartAsync(aside.Path);
        }

        await using (keeper)
        {
            await body();
        }

        return true;
    }

    private static Func<string, bool, bool> LeftOutBy(PathFilter filter) =>
        (path, isDirectory) => filter.IsExcluded(Encoding.Latin1.GetBytes(path), isDirectory);

    // Asks every ignore file on the way from the root, as they are on the disk now.
    private static Func<string, bool, bool> LeftOutByFiles(string root) => (path, isDirectory) =>
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (int slash = -1; ; slash = path.IndexOf('/', slash + 1))
        {
            string directory = path[..(slash + 1)];
            string file = root + "/" + Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(directory)) + ".gitignore";
            if (File.Exists(file))
            {
                files[directory] = File.ReadAllBytes(file);
            }

            if (path.IndexOf('/', slash + 1) < 0)
            {
                break;
            }
        }

        return IgnoreWalk.Verdict(files, Encoding.Latin1.GetBytes(path), isDirectory) == IgnoreVerdict.Ignored;
    };
}
