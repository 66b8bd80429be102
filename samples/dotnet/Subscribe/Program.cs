using Vigil.Bus;
using Vigil.Watching;

const string Saved = "position";
ChangePosition saved = File.Exists(Saved) ? ChangePosition.Parse(File.ReadAllText(Saved)) : default;
await using var bus = await BusClient.ConnectAsync(new BusClientOptions { AllowLocal = true });
await foreach (FileChange change in bus.SubscribeAsync("src", new() { Since = saved, WithDescriptors = true }))
{
    using var file = change.Handle;                     // exactly the file that changed, whatever its name is by now
    Console.WriteLine(file is null ? $"{change}" : $"{change}, {RandomAccess.GetLength(file)} bytes");
    File.WriteAllText(Saved, change.Position.ToString());
}
