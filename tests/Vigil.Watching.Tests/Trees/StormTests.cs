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
        Seed.RunManyAsync(90, random => new Storm
        {
            Options = () => new TreeWatcherOptions(),
            SnapshotInside = random.Next(2) == 0,
        }.RunAsync(_crew, random));

    [Fact]
    public Task A_reader_that_starts_from_the_initial_entries_holds_the_tree() =>
        Seed.RunManyAsync(60, random => new Storm
        {
            Options = () => new TreeWatcherOptions { ReportInitial = true },
        }.RunAsync(_crew, random));

    [Fact]
    public Task Structure_alone_is_enough_to_hold_the_tree() =>
        Seed.RunManyAsync(20, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Kinds = FileChangeKinds.Structure },
        }.RunAsync(_crew, random));

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(200)]
    public Task Settled_changes_lead_to_the_tree(int settleMs) =>
        Seed.RunManyAsync(20, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Settle = TimeSpan.FromMilliseconds(settleMs), ReportInitial = true },
        }.RunAsync(_crew, random));

    [Fact]
    public Task Settled_changes_go_on_from_a_snapshot() =>
        Seed.RunManyAsync(10, random => new Storm
        {
            Options = () => new TreeWatcherOptions { Settle = TimeSpan.FromMilliseconds(20) },
            SnapshotInside = true,
        }.RunAsync(_crew, random));
}
