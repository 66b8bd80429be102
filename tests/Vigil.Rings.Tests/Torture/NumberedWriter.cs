using System.Diagnostics;

namespace Vigil.Rings.Tests;

/// <summary>Writes numbered messages: 1, 2, 3 …</summary>
internal sealed class NumberedWriter(RingProducer producer, int longest = Numbered.Short)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly byte[] _payload = new byte[longest];

    /// <summary>The number that is next.</summary>
    internal ulong Next { get; private set; } = 1;

    /// <summary>The sum of all that was written.</summary>
    internal ulong Checksum { get; private set; }

    /// <summary>Writes one message, if there is room.</summary>
    internal bool TryWrite()
    {
        Span<byte> payload = _payload.AsSpan(0, Numbered.LengthOf(Next, longest));
        ulong sum = Numbered.Write(payload, Next);
        if (!producer.TryWrite(payload))
        {
            return false;
        }

        Next++;
        Checksum += sum;
        return true;
    }

    /// <summary>Writes up to a number, one by one.</summary>
    /// <exception cref="TimeoutException">There was no room for half a minute.</exception>
    internal void WriteUpTo(ulong last)
    {
        while (Next <= last)
        {
            if (!TryWrite())
            {
                AwaitRoom(TryWrite);
            }
        }
    }

    /// <summary>Writes the next messages in place and shows them at once, as many as there is room for.</summary>
    /// <returns>How many.</returns>
    internal int WriteBatch(int count)
    {
        int reserved = Reserve(count, out ulong sum);
        if (reserved > 0)
        {
            producer.Commit();
            Next += (ulong)reserved;
            Checksum += sum;
        }

        return reserved;
    }

    /// <summary>Writes the next messages in place and shows them at once, all of them or none.</summary>
    internal bool TryWriteWhole(int count)
    {
        int reserved = Reserve(count, out ulong sum);
        if (reserved < count)
        {
            if (reserved > 0)
            {
                producer.Discard();
            }

            return false;
        }

        producer.Commit();
        Next += (ulong)count;
        Checksum += sum;
        return true;
    }

    /// <summary>Writes up to a number in batches.</summary>
    /// <exception cref="TimeoutException">There was no room for half a minute.</exception>
    internal void WriteBatchesUpTo(ulong last, int count)
    {
        while (Next <= last)
        {
            int left = (int)Math.Min((ulong)count, last - Next + 1);
            if (WriteBatch(left) == 0)
            {
                AwaitRoom(() => WriteBatch(left) > 0);
            }
        }
    }

    /// <summary>Writes the next messages in place and does not show them.</summary>
    /// <returns>How many there was room for.</returns>
    internal int Reserve(int count, out ulong sum)
    {
        sum = 0;
        int reserved = 0;
        for (; reserved < count; reserved++)
        {
            ulong number = Next + (ulong)reserved;
            if (!producer.TryReserve(Numbered.LengthOf(number, longest), out Span<byte> payload))
            {
                break;
            }

            sum += Numbered.Write(payload, number);
        }

        return reserved;
    }

    // The readers may need this very processor, so it is given up each time.
    private void AwaitRoom(Func<bool> tryWrite)
    {
        long start = Stopwatch.GetTimestamp();
        var spin = default(SpinWait);
        while (!tryWrite())
        {
            spin.SpinOnce(sleep1Threshold: -1);
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"there was no room for message {Next} for {Patience.TotalSeconds} s");
            }
        }
    }
}
