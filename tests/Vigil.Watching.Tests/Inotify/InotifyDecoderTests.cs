using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

public sealed class InotifyDecoderTests
{
    private const int MaxBytes = 64 * 1024;

    private static readonly Config Thorough =
        Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(40).WithQuietOnSuccess(true);

    [Fact]
    public void One_event_is_decoded()
    {
        byte[] bytes = new EventBytes().Add(1, InotifyMask.Create, 0, "test"u8).ToArray();
        int count = 0;
        foreach (InotifyEvent e in new InotifyEvents(bytes))
        {
            count++;
            Assert.Equal(new WatchDescriptor(1), e.Watch);
            Assert.Equal(InotifyMask.Create, e.Mask);
            Assert.Equal(16, e.Length);
            Assert.True(e.Name.SequenceEqual("test"u8));
            Assert.Equal("test", e.NameText);
            Assert.False(e.IsOverflow || e.IsIgnored || e.IsDirectory);
            Assert.Equal("wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: test", e.ToString());
        }

        Assert.Equal(1, count);
    }

    [Fact]
    public void A_name_that_is_not_utf8_keeps_its_bytes_and_shows_a_replacement()
    {
        byte[] bytes = new EventBytes().Add(1, InotifyMask.Delete, 0, [(byte)'a', 0xFF]).ToArray();
        InotifyEvents.Enumerator events = new InotifyEvents(bytes).GetEnumerator();
        Assert.True(events.MoveNext());
        Assert.True(events.Current.Name.SequenceEqual(new byte[] { (byte)'a', 0xFF }));
        Assert.Equal("a\uFFFD", events.Current.NameText);
    }

    [Fact]
    public void A_default_value_is_empty()
    {
        InotifyEvents none = default;
        Assert.True(none.IsEmpty);
        Assert.False(none.IsTruncated);
        Assert.Equal(0, none.Count());
        InotifyEvent nothing = default;
        Assert.Equal(InotifyMask.None, nothing.Mask);
        Assert.True(nothing.Name.IsEmpty);
    }

    [Theory]
    [InlineData(0x8000_0000)] // negative, were it signed
    [InlineData(0xFFFF_FFFF)]
    [InlineData(0xFFFF_FFF0)] // 16 + it wraps to 0 in 32 bits
    [InlineData(0x7FFF_FFF0)]
    [InlineData(32)] // one event further than there is
    [InlineData(1)] // no event starts at an odd address
    [InlineData(6)]
    public void A_length_that_cannot_be_ends_the_enumeration(uint length)
    {
        EventBytes bytes = new EventBytes().Add(1, InotifyMask.Create, 0, "good"u8);
        bytes.AddHeader(2, (uint)InotifyMask.Create, 0, length).AddRaw(new byte[16]);
        InotifyEvents events = new(bytes.Span);
        Assert.Equal(1, events.Count());
        Assert.True(events.IsTruncated);

        InotifyEvents.Enumerator walk = events.GetEnumerator();
        Assert.True(walk.MoveNext());
        Assert.False(walk.IsTruncated);
        Assert.False(walk.MoveNext());
        Assert.False(walk.MoveNext());
        Assert.True(walk.IsTruncated);
        Assert.Equal(32, walk.Rest.Length);
    }

    [Fact]
    public void A_buffer_that_ends_inside_an_event_gives_the_events_before()
    {
        byte[] bytes = new EventBytes()
            .Add(1, InotifyMask.Create, 0, "a"u8)
            .Add(1, InotifyMask.Delete, 0, "b"u8)
            .ToArray();
        using GuardedMemory memory = new(MaxBytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            InotifyEvents events = new(memory.AtEnd(bytes.AsSpan(0, length)));
            Assert.Equal(length / 32, events.Count());
            Assert.Equal(length % 32 != 0, events.IsTruncated);
        }
    }

    [Fact]
    public void Arbitrary_bytes_are_decoded_without_leaving_them()
    {
        using GuardedMemory memory = new(MaxBytes);
        Check.One(Thorough, Prop.ForAll<byte[]>(bytes => DecodesAsTheModel(bytes, memory)));
    }

    [Fact]
    public void Nearly_right_bytes_are_decoded_without_leaving_them()
    {
        using GuardedMemory memory = new(MaxBytes);
        Check.One(Thorough, Prop.ForAll(NearlyRight().ToArbitrary(), bytes => DecodesAsTheModel(bytes, memory)));
    }

    [Fact]
    public void What_the_kernel_would_write_comes_back()
    {
        Check.One(Thorough, Prop.ForAll(WellFormed().ToArbitrary(), events =>
        {
            EventBytes bytes = new();
            foreach (RawEvent e in events)
            {
                bytes.Add(e.Watch, e.Mask, e.Cookie, Encoding.Latin1.GetBytes(e.Name));
            }

            List<RawEvent> decoded = [];
            InotifyEvents.Enumerator walk = new InotifyEvents(bytes.Span).GetEnumerator();
            while (walk.MoveNext())
            {
                decoded.Add(RawEvent.Copy(walk.Current));
            }

            return !walk.IsTruncated && decoded.SequenceEqual(events);
        }));
    }

    // Walks the copy at both forbidden pages, touching everything, and compares with a decoder written without spans.
    private static bool DecodesAsTheModel(byte[] bytes, GuardedMemory memory)
    {
        List<RawEvent> expected = Model(bytes, out bool isTruncated);
        return Decodes(memory.AtEnd(bytes), expected, isTruncated)
            && Decodes(memory.AtStart(bytes), expected, isTruncated);
    }

    private static bool Decodes(ReadOnlySpan<byte> bytes, List<RawEvent> expected, bool isTruncated)
    {
        List<RawEvent> decoded = [];
        InotifyEvents.Enumerator walk = new InotifyEvents(bytes).GetEnumerator();
        while (walk.MoveNext())
        {
            decoded.Add(RawEvent.Copy(walk.Current));
            _ = walk.Current.ToString();
            if (decoded.Count > bytes.Length / 16)
            {
                return false;
            }
        }

        return walk.IsTruncated == isTruncated && decoded.SequenceEqual(expected) && !walk.MoveNext();
    }

    private static List<RawEvent> Model(byte[] bytes, out bool isTruncated)
    {
        List<RawEvent> events = [];
        long at = 0;
        while (at + 16 <= bytes.Length)
        {
            long length = U32(bytes, at + 12);
            if (length % 4 != 0 || at + 16 + length > bytes.Length)
            {
                break;
            }

            string name = Encoding.Latin1.GetString(bytes, (int)at + 16, (int)length).Split('\0')[0];
            InotifyMask mask = (InotifyMask)U32(bytes, at + 4);
            events.Add(new RawEvent((int)U32(bytes, at), mask, U32(bytes, at + 8), (int)length, name));
            at += 16 + length;
        }

        isTruncated = at != bytes.Length;
        return events;
    }

    private static uint U32(byte[] bytes, long at)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)at));
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }

    private static Gen<byte[]> NearlyRight() =>
        from events in WellFormed()
        from lie in Gen.Frequency(
            (3, Gen.Constant(0u)),
            (1, Gen.Choose(-20, 20).Select(static n => (uint)n)),
            (1, Gen.Elements(0x8000_0000u, 0xFFFF_FFF0u, 0xFFFF_FFFFu, 0x7FFF_FFFFu)))
        from cut in Gen.Choose(0, 40)
        select Damage(events, lie, cut);

    private static byte[] Damage(RawEvent[] events, uint lie, int cut)
    {
        EventBytes bytes = new();
        for (int i = 0; i < events.Length; i++)
        {
            int start = bytes.Span.Length;
            bytes.Add(events[i].Watch, events[i].Mask, events[i].Cookie, Encoding.Latin1.GetBytes(events[i].Name));
            if (i == events.Length / 2)
            {
                byte[] all = bytes.ToArray();
                uint length = (uint)events[i].Length + lie;
                MemoryMarshal.Write(all.AsSpan(start + 12), in length);
                bytes = new EventBytes().AddRaw(all);
            }
        }

        return bytes.ToArray()[..Math.Max(0, bytes.Span.Length - cut)];
    }

    private static Gen<RawEvent[]> WellFormed() => (
        from watch in Gen.Choose(-1, int.MaxValue)
        from bit in Gen.Choose(0, 31)
        from cookie in Gen.Choose(0, 1000)
        from nameBytes in Gen.Choose(0, 255)
        from name in Gen.ArrayOf(Gen.Choose(1, 255).Select(static b => (char)b), nameBytes)
        let padded = nameBytes == 0 ? 0 : (nameBytes + 16) / 16 * 16
        select new RawEvent(watch, (InotifyMask)(1u << bit), (uint)cookie, padded, new string(name))).ArrayOf();
}
