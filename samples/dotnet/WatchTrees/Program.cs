using Vigil.Watching;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
CancellationToken cancellation = stop.Token;

var options = new TreeWatcherOptions
{
    Ignore = { ".git/", "*.tmp" },                  // patterns of gitignore(5); what they match costs no watch
    HonourIgnoreFiles = true,                       // the .gitignore and .ignore files in the trees, too
    Settle = TimeSpan.FromMilliseconds(50),         // one change for a path, once it has been quiet that long
};
await using var watcher = await TreeWatcher.StartAsync(["src", "assets"], options, cancellation);
await watcher.AddAsync("docs", cancellation);       // more paths at any time; RemoveAsync takes one out again
await watcher.SyncAsync(cancellation);              // what happened before this call has been delivered

TreeSnapshot snapshot = watcher.Snapshot();         // the mirror, whole and consistent, parents first
foreach (TreeEntry entry in snapshot)
    Console.WriteLine($"{entry.Type,-9} {entry.Path}");
Console.WriteLine($"{snapshot.Count} entries");

try
{
    await foreach (FileChange change in watcher.ReadAllAsync(cancellation))
        if (change.Sequence > snapshot.Sequence)    // the ones before are in the snapshot already
            Console.WriteLine(change);
}
catch (OperationCanceledException)
{
    Console.WriteLine($"stopped after {watcher.Statistics.Changes} changes");
}
