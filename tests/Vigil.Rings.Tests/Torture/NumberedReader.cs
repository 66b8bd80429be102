using System.Runtime.ExceptionServices;

namespace Vigil.Rings.Tests;

/// <summary>
/// Reads numbered messages and expects each once, whole and in order. A message counts when the step of the loop behind
/// it did not throw: until then the ring does not say that it is whole.
/// </summary>
internal sealed class NumberedReader(RingConsumer consumer, int longest = Numbered.Short)
{
    /// <summary>The number that is expected next; 0: whichever comes.</summary>
    internal ulong Next { get; set; } = 1;

    /// <summary>How often it reads each message, to be in the middle of one most of the time.</summary>
    internal int Looks { get; init; } = 1;

    /// <summary>How many messages were read.</summary>
    internal ulong Count { get; private set; }

    /// <summary>The sum of all that was read.</summary>
    internal ulong Checksum { get; private set; }

    /// <summary>How many were not whole, and not said to be.</summary>
    internal int Disclaimed { get; private set; }

    /// <summary>Reads what is there.</summary>
    /// <returns>How many messages that was.</returns>
    /// <exception cref="InvalidDataException">A message that the ring vouched for is not the one expected.</exception>
    internal int ReadBatch()
    {
        int count = 0;
        bool isGood = true;
        ulong sum = 0;
        try
        {
            foreach (RingMessage message in consumer.ReadBatch())
            {
                Vouch(isGood, sum, count);
                ulong number = Next == 0 ? Numbered.NumberOf(message.Payload) : Next;
                isGood = true;
                for (int look = 0; look < Looks; look++)
                {
                    isGood &= Numbered.IsWhole(message.Payload, number, longest, out sum);
                }

                Next = number;
                count++;
            }
        }
        catch (RingEvictedException e)
        {
            Disclaimed += isGood ? 0 : 1;
            ExceptionDispatchInfo.Throw(e);
        }

        Vouch(isGood, sum, count);
        return count;
    }

    private void Vouch(bool isGood, ulong sum, int count)
    {
        if (!isGood)
        {
            throw new InvalidDataException($"what came in the place of message {Next} is not it");
        }

        if (count > 0)
        {
            Next++;
            Count++;
            Checksum += sum;
        }
    }
}
