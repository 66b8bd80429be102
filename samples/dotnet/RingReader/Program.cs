using System.Text;
using Microsoft.Win32.SafeHandles;
using Vigil.Rings;

string path = args.Length > 0 ? args[0] : "lines.ring";

using var consumer = await RingConsumer.JoinAsync(path);
Console.WriteLine("joined");
while (await consumer.WaitAsync())                      // false: the writer is gone and everything was read
{
    foreach (RingMessage message in consumer.ReadBatch())       // views; their room is given back when the batch ends
    {
        Console.WriteLine(Encoding.UTF8.GetString(message.Payload));
        foreach (SafeFileHandle file in message.TakeDescriptors())
        {
            using (file)
                Console.WriteLine($"  with a file of {RandomAccess.GetLength(file)} bytes");
        }
    }
}

Console.WriteLine("the writer is gone");
