using Vigil.Bus.Trees;
using Vigil.Rings;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>In which order a sieve tells what comes of a rename.</summary>
public sealed class SieveTests
{
    [Fact]
    public async Task What_stays_in_sight_has_left_a_directory_before_that_is_deleted()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        (RingConsumer ring, JoinedFeed _) = await held.JoinAsync(held.Rules(include: ["*.txt"]));
        held.Tell(FileChangeKind.Moved, "b/d/e.txt", "a.txt/d/e.txt");
        held.Tell(FileChangeKind.Moved, "b/d", "a.txt/d", EntryType.Directory);
        held.Tell(FileChangeKind.Moved, "b/x", "a.txt/x");
        held.Tell(FileChangeKind.Renamed, "b", "a.txt", EntryType.Directory);
        held.Take();
        Assert.Equal(["Renamed b/d/e.txt", "Deleted a.txt/d", "Deleted a.txt/x", "Deleted a.txt"], held.Read(ring));
    }

    [Fact]
    public async Task What_goes_out_of_sight_is_deleted_before_the_directory_that_it_was_in_moves_on()
    {
        await using HeldTree held = await HeldTree.StartAsync();
        (RingConsumer ring, JoinedFeed _) = await held.JoinAsync(held.Rules(exclude: ["/b/d/x"]));
        held.Tell(FileChangeKind.Moved, "b/d/x", "a/d/x");
        held.Tell(FileChangeKind.Moved, "b/d/y", "a/d/y");
        held.Tell(FileChangeKind.Moved, "b/d", "a/d", EntryType.Directory);
        held.Tell(FileChangeKind.Renamed, "b", "a", EntryType.Directory);
        held.Take();
        Assert.Equal(["Deleted a/d/x", "Renamed b"], held.Read(ring));
    }
}
