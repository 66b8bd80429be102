namespace Vigil.Compare.RingPeer.Channels;

/// <summary>The byte behind the payload says whether the message is the stop.</summary>
internal readonly unsafe struct LargeMessages : IMessages<byte[]>
{
    public static void Write(ref byte[] message, int payloadBytes, ulong number)
    {
        message[^1] = payloadBytes == Message.StopPayloadBytes ? (byte)1 : (byte)0;
        fixed (byte* payload = message)
        {
            Message.Fill(payload, payloadBytes, number);
        }
    }

    public static int Read(ref byte[] message, ref Check check, int payloadBytes)
    {
        int length = message[^1] != 0 ? Message.StopPayloadBytes : payloadBytes;
        fixed (byte* payload = message)
        {
            check.Add(payload, length);
        }

        return length;
    }
}
