using System.Diagnostics;

namespace Vigil.Rings.Tests;

/// <summary>
/// One of two processes that answer each other over two rings, and sleep until the other has. Where a wake-up is lost
/// both sleep until the time-out, which is far longer than any answer takes.
/// </summary>
internal sealed class Bouncer(RingProducer output, RawRingConsumer input, bool isTokenFirst, int seed)
{
    private const int LongMs = 20_000;
    private const int LongestSpin = 200;

    private readonly byte[] _payload = new byte[sizeof(ulong)];
    private ulong _random = ((ulong)(uint)seed << 1) | 1;

    /// <summary>How often it asked to sleep.</summary>
    internal long Waits { get; private set; }

    /// <summary>How often it woke the other.</summary>
    internal long Wakes => output.Statistics.Wakes;

    internal void Send(ulong number)
    {
        Numbered.Write(_payload, number);
        if (!output.TryWrite(_payload))
        {
            throw new InvalidDataException("there is no room for an answer in an empty ring");
        }
    }

    /// <summary>Sleeps until a number comes.</summary>
    /// <exception cref="TimeoutException">Nobody woke it.</exception>
    internal unsafe void Await(ulong number)
    {
        // At another time each time, for a wake-up is lost only in the moments around the beginning of a sleep.
        Spin(LongestSpin);
        while (true)
        {
            uint token = isTokenFirst ? input.BroadcastToken : 0;
            RingStatus status = input.Peek(out RingMessageView view);
            if (status == RingStatus.Ok)
            {
                ulong came = Numbered.NumberOf(new ReadOnlySpan<byte>(view.Payload, (int)view.PayloadBytes));
                if (came != number || !input.Publish(view.Offset + view.TotalBytes))
                {
                    throw new InvalidDataException($"{came} came in the place of {number}");
                }

                return;
            }

            if (!isTokenFirst)
            {
                Spin(LongestSpin / 4);
                token = input.BroadcastToken;
            }

            Sleep(token);
        }
    }

    private void Sleep(uint token)
    {
        Waits++;
        long start = Stopwatch.GetTimestamp();
        if (input.WaitBroadcast(token, LongMs) == RingStatus.Again
            && Stopwatch.GetElapsedTime(start).TotalMilliseconds > LongMs / 2)
        {
            throw new TimeoutException($"a wake-up was lost: the wait number {Waits} ended by its time-out");
        }
    }

    private void Spin(int longest)
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        Thread.SpinWait((int)(_random % (uint)longest));
    }
}
