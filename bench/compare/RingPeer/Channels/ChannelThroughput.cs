using System.Threading.Channels;

namespace Vigil.Compare.RingPeer.Channels;

/// <summary>
/// System.Threading.Channels between two threads of one process: what the ring would replace there. Bounded to a
/// mebibyte, one reader, one writer; who finds nothing spins as the others do, and then waits. Each consumer has a
/// channel of its own. Messages of 64 bytes travel by value, larger ones as arrays, which are used over and over.
/// </summary>
internal static class ChannelThroughput
{
    public static void Run(Plan plan)
    {
        if (plan.MessageBytes == 64)
        {
            new ChannelRun<Message64, SmallMessages>(plan, _ => default).Run();
        }
        else
        {
            // One more than the channel holds, the one being written and the one being read.
            int count = Plan.RingBytes / plan.MessageBytes + 3;
            byte[][] arrays = [.. Enumerable.Range(0, count).Select(_ => GC.AllocateArray<byte>(
                plan.PayloadBytes + 1, pinned: true))];
            new ChannelRun<byte[], LargeMessages>(plan, number => arrays[number % (ulong)count]).Run();
        }
    }
}
