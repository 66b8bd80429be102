using Vigil.Watching;

await using var watcher = await TreeWatcher.StartAsync(".");
await foreach (FileChange change in watcher.ReadAllAsync())
    Console.WriteLine(change);
