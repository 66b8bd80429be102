using Vigil.Bus;
using Vigil.Watching;

const string Saved = "position";
ChangePosition saved = File.Exists(Saved) ? ChangePosition.Parse(File.ReadAllText(Saved)) : default;

// Without a position to go on from it begins with all that is there.
SubscribeOptions options = new() { Since = saved, ReportInitial = saved.IsNone, WithDescriptors = true };
await using var bus = await BusClient.ConnectAsync(new BusClientOptions { AllowLocal = true });
await foreach (FileChange change in bus.SubscribeAsync("src", options))
{
    using var file = change.Handle;                     // exactly the file that changed, whatever its name is by now
    Console.WriteLine(file is null ? $"{change}" : $"{change}, {RandomAccess.GetLength(file)} bytes");
    File.WriteAllText(Saved, change.Position.ToString());
}
