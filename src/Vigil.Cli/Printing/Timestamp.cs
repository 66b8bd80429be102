namespace Vigil.Cli.Printing;

/// <summary>
/// Writes times as RFC 3339 in UTC with microseconds: <c>2026-11-21T09:30:00.123456Z</c>. The part down to the second
/// is kept, because the next change is nearly always of the same second. For one thread.
/// </summary>
internal sealed class Timestamp
{
    /// <summary>The length of every time.</summary>
    public const int Bytes = 27;

    private readonly byte[] _second = new byte[20];
    private long _secondTicks = -1;

    /// <summary>Writes a time.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="ticks">The time as <see cref="DateTimeOffset.UtcTicks"/>.</param>
    public void Write(ref ByteWriter writer, long ticks)
    {
        long offset = ticks - _secondTicks;
        if ((ulong)offset >= TimeSpan.TicksPerSecond)
        {
            offset = ticks % TimeSpan.TicksPerSecond;
            Remember(ticks - offset);
        }

        writer.Write(_second);
        writer.WriteDecimal((uint)(offset / TimeSpan.TicksPerMicrosecond), 6);
        writer.Write((byte)'Z');
    }

    private void Remember(long secondTicks)
    {
        _secondTicks = secondTicks;
        DateTime time = new(secondTicks, DateTimeKind.Utc);
        ByteWriter second = new(_second);
        second.WriteDecimal((uint)time.Year, 4);
        second.Write((byte)'-');
        second.WriteDecimal((uint)time.Month, 2);
        second.Write((byte)'-');
        second.WriteDecimal((uint)time.Day, 2);
        second.Write((byte)'T');
        second.WriteDecimal((uint)time.Hour, 2);
        second.Write((byte)':');
        second.WriteDecimal((uint)time.Minute, 2);
        second.Write((byte)':');
        second.WriteDecimal((uint)time.Second, 2);
        second.Write((byte)'.');
    }
}
