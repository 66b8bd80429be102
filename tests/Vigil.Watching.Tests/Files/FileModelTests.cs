using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>
/// Random changes of files, directories and links. A reader that reads a file whenever it is told of new contents, and
/// forgets it when it is told that it is gone, has at the end what is on the disk: so no write goes without an event.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FileModelTests
{
    [Fact]
    public void A_reader_of_the_events_has_what_is_on_the_disk() => Seed.RunMany(20, random =>
    {
        using var model = new FileModel(random, capacity: random.Next(4) * random.Next(64));
        model.Run(operations: 400);
    });

    [Fact]
    public void Also_if_the_queue_runs_over_all_the_time() => Seed.RunMany(10, random =>
    {
        using Sysctl? limit = Sysctl.TrySetMaxQueuedEvents(random.Next(2, 40));
        Assert.SkipUnless(limit is not null, "fs.inotify.max_queued_events may not be set here");
        using var model = new FileModel(random, capacity: random.Next(3));
        model.Run(operations: 400);
    });
}
