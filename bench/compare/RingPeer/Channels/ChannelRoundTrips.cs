using System.Threading.Channels;

namespace Vigil.Compare.RingPeer.Channels;

/// <summary>
/// Two channels, one message at a time. Spinning: two threads that look for the message. Sleeping: two asynchronous
/// loops on the thread pool, which is how channels are meant to be used.
/// </summary>
internal static class ChannelRoundTrips
{
    public static void Run(string how, int count)
    {
        Channel<Message64> there = Create();
        Channel<Message64> back = Create();
        RoundTrips trips = new(count);
        if (how == "spin")
        {
            Thread other = new(() =>
            {
                Processor.PinTo(1);
                Check check = default;
                for (int i = 0; i < trips.All; i++)
                {
                    Receive(there, ref check);
                    Send(back, (ulong)i);
                }
            });
            other.Start();
            Processor.PinTo(0);
            Check check = default;
            for (int i = 0; i < trips.All; i++)
            {
                long begin = Clock.Now;
                Send(there, (ulong)i);
                Receive(back, ref check);
                trips.Note(i, Clock.Now - begin);
            }

            other.Join();
        }
        else
        {
            Task other = Task.Run(() => Answer(there, back, trips.All));
            Ask(there, back, trips).GetAwaiter().GetResult();
            other.GetAwaiter().GetResult();
        }

        trips.Report();
    }

    private static Channel<Message64> Create() => Channel.CreateBounded<Message64>(
        new BoundedChannelOptions(Plan.RingBytes / 64) { SingleReader = true, SingleWriter = true });

    private static async Task Answer(Channel<Message64> there, Channel<Message64> back, int count)
    {
        Check check = default;
        for (int i = 0; i < count; i++)
        {
            Message64 message = await there.Reader.ReadAsync();
            Verify(message, ref check);
            Send(back, (ulong)i);
        }
    }

    private static async Task Ask(Channel<Message64> there, Channel<Message64> back, RoundTrips trips)
    {
        Check check = default;
        await Task.Yield();
        for (int i = 0; i < trips.All; i++)
        {
            long begin = Clock.Now;
            Send(there, (ulong)i);
            Message64 message = await back.Reader.ReadAsync();
            Verify(message, ref check);
            trips.Note(i, Clock.Now - begin);
        }
    }

    private static void Verify(Message64 message, ref Check check) =>
        _ = SmallMessages.Read(ref message, ref check, 64 - Message.HeaderBytes);

    private static void Send(Channel<Message64> channel, ulong number)
    {
        Message64 message = default;
        SmallMessages.Write(ref message, 64 - Message.HeaderBytes, number);
        if (!channel.Writer.TryWrite(message))
        {
            throw new InvalidOperationException("a channel with one message is full");
        }
    }

    private static void Receive(Channel<Message64> channel, ref Check check)
    {
        Message64 message;
        while (!channel.Reader.TryRead(out message))
        {
            Processor.PauseOnce();
        }

        Verify(message, ref check);
    }
}
