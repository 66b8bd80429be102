using System.Text;

namespace Vigil.Rings.Tests;

/// <summary>Tries to come in.</summary>
internal static class Joining
{
    internal static void Run(string[] words)
    {
        try
        {
            using RingConsumer consumer = RingConsumer.JoinAsync(words[0]).GetAwaiter().GetResult();
            Parts.Say($"in {consumer.Slot}");
            while (consumer.Wait())
            {
                foreach (RingMessage message in consumer.ReadBatch())
                {
                    Parts.Say($"got {Encoding.UTF8.GetString(message.Payload)}");
                }
            }
        }
        catch (Exception e)
        {
            string[] lines = e.Message.Split('\n');
            Parts.Say($"out {e.GetType().Name} {lines.Length} {lines[0]}");
        }
    }
}
