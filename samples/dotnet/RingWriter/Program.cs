using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Rings;

string path = args.Length > 0 ? args[0] : "lines.ring";

using var producer = RingProducer.Create(new RingOptions { CapacityBytes = 1 << 20, MaxConsumers = 8 });
using var door = producer.Listen(path);                 // joins on its own thread; same user only, unless told
Console.WriteLine($"listening at {path}");

while (Console.ReadLine() is { } line)
{
    bool written;
    if (line.StartsWith("open ", StringComparison.Ordinal))
    {
        using SafeFileHandle file = File.OpenHandle(line[5..]);
        written = producer.TryWrite(Encoding.UTF8.GetBytes(line), [file]);      // with open descriptors
    }
    else if (producer.TryReserve(Encoding.UTF8.GetByteCount(line), out Span<byte> room))
    {
        Encoding.UTF8.GetBytes(line, room);             // written in place: no copy
        producer.Commit();
        written = true;
    }
    else
    {
        written = false;
    }

    Console.WriteLine(written ? $"written for {producer.GetConsumers().Length}" : "no room: a reader is behind");
}
