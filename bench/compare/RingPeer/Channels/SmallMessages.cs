namespace Vigil.Compare.RingPeer.Channels;

internal readonly unsafe struct SmallMessages : IMessages<Message64>
{
    public static void Write(ref Message64 message, int payloadBytes, ulong number)
    {
        message.PayloadBytes = (uint)payloadBytes;
        fixed (ulong* payload = message.Payload)
        {
            Message.Fill((byte*)payload, payloadBytes, number);
        }
    }

    public static int Read(ref Message64 message, ref Check check, int payloadBytes)
    {
        fixed (ulong* payload = message.Payload)
        {
            check.Add((byte*)payload, (int)message.PayloadBytes);
        }

        return (int)message.PayloadBytes;
    }
}
