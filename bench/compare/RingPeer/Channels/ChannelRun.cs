using System.Threading.Channels;

namespace Vigil.Compare.RingPeer.Channels;

/// <summary>One throughput run over channels.</summary>
internal sealed class ChannelRun<T, TMessages>(Plan plan, Func<ulong, T> next)
    where TMessages : struct, IMessages<T>
{
    private const int SpinNs = 20_000;

    private readonly Channel<T>[] _channels = [.. Enumerable.Range(0, plan.Consumers).Select(_ =>
        Channel.CreateBounded<T>(new BoundedChannelOptions(Plan.RingBytes / plan.MessageBytes)
        {
            SingleReader = true,
            SingleWriter = true,
        }))];

    private readonly long[] _endNs = new long[plan.Consumers];
    private readonly ulong[] _received = new ulong[plan.Consumers];
    private readonly long[] _allocated = new long[plan.Consumers];
    private Exception? _failure;
    private ulong _sent;
    private long _full;

    public void Run()
    {
        Thread[] readers = [.. Enumerable.Range(0, plan.Consumers).Select(index => new Thread(() => Consume(index))
        {
            IsBackground = true,
        })];
        foreach (Thread reader in readers)
        {
            reader.Start();
        }

        Processor.PinTo(0);
        Phases phases = new(plan);
        while (_failure is null && phases.GoOn(_sent))
        {
            for (int run = 0; run < phases.LookEvery; run++)
            {
                WriteRun(plan.Batch, plan.PayloadBytes);
            }
        }

        ulong stop = _sent;
        WriteRun(1, Message.StopPayloadBytes);
        foreach (Thread reader in readers)
        {
            reader.Join();
        }

        if (_failure is not null)
        {
            throw _failure;
        }

        foreach (ulong received in _received)
        {
            if (received != stop)
            {
                throw new WrongAnswerException("messages received", stop, received);
            }
        }

        double messages = stop - phases.First;
        Json.Write(
            ("messages", messages), ("checked", stop), ("seconds", (_endNs.Max() - phases.BeginNs) / 1e9),
            ("full", _full), ("allocated", phases.Allocated / messages),
            ("allocatedByReader", _allocated.Max() / (double)stop));
    }

    private void WriteRun(int count, int payloadBytes)
    {
        for (int i = 0; i < count; i++)
        {
            T message = next(_sent);
            TMessages.Write(ref message, payloadBytes, _sent++);
            foreach (Channel<T> channel in _channels)
            {
                int looks = 0;
                while (!channel.Writer.TryWrite(message))
                {
                    _full++;
                    Processor.PauseAWhile(ref looks);
                }
            }
        }
    }

    private void Consume(int index)
    {
        try
        {
            Processor.PinTo(1);
            Check check = default;
            ChannelReader<T> reader = _channels[index].Reader;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            while (Drain(reader, ref check) != Message.StopPayloadBytes)
            {
                Await(reader);
            }

            _allocated[index] = GC.GetAllocatedBytesForCurrentThread() - allocated;
            _endNs[index] = Clock.Now;
            _received[index] = check.Next - 1;
            check.End(plan.PayloadBytes);
        }
        catch (WrongAnswerException error)
        {
            _failure = error;
        }
    }

    private int Drain(ChannelReader<T> reader, ref Check check)
    {
        int length = 0;
        while (length != Message.StopPayloadBytes && reader.TryRead(out T? message))
        {
            length = TMessages.Read(ref message, ref check, plan.PayloadBytes);
        }

        return length;
    }

    private static void Await(ChannelReader<T> reader)
    {
        long until = Clock.Now + SpinNs;
        while (reader.Count == 0)
        {
            if (Clock.Now >= until)
            {
                _ = reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();
                return;
            }

            Processor.PauseAWhile();
        }
    }
}
