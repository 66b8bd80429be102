using FsCheck;
using FsCheck.Fluent;

namespace Vigil.Watching.Tests;

public sealed class InotifyMaskTests
{
    // linux/inotify.h, in its order.
    public static TheoryData<InotifyMask, uint, string> Header => new()
    {
        { InotifyMask.Access, 0x00000001, "IN_ACCESS" },
        { InotifyMask.Modify, 0x00000002, "IN_MODIFY" },
        { InotifyMask.Attrib, 0x00000004, "IN_ATTRIB" },
        { InotifyMask.CloseWrite, 0x00000008, "IN_CLOSE_WRITE" },
        { InotifyMask.CloseNoWrite, 0x00000010, "IN_CLOSE_NOWRITE" },
        { InotifyMask.Open, 0x00000020, "IN_OPEN" },
        { InotifyMask.MovedFrom, 0x00000040, "IN_MOVED_FROM" },
        { InotifyMask.MovedTo, 0x00000080, "IN_MOVED_TO" },
        { InotifyMask.Create, 0x00000100, "IN_CREATE" },
        { InotifyMask.Delete, 0x00000200, "IN_DELETE" },
        { InotifyMask.DeleteSelf, 0x00000400, "IN_DELETE_SELF" },
        { InotifyMask.MoveSelf, 0x00000800, "IN_MOVE_SELF" },
        { InotifyMask.Unmount, 0x00002000, "IN_UNMOUNT" },
        { InotifyMask.QueueOverflow, 0x00004000, "IN_Q_OVERFLOW" },
        { InotifyMask.Ignored, 0x00008000, "IN_IGNORED" },
        { InotifyMask.OnlyDir, 0x01000000, "IN_ONLYDIR" },
        { InotifyMask.DontFollow, 0x02000000, "IN_DONT_FOLLOW" },
        { InotifyMask.ExclUnlink, 0x04000000, "IN_EXCL_UNLINK" },
        { InotifyMask.MaskCreate, 0x10000000, "IN_MASK_CREATE" },
        { InotifyMask.MaskAdd, 0x20000000, "IN_MASK_ADD" },
        { InotifyMask.IsDir, 0x40000000, "IN_ISDIR" },
        { InotifyMask.OneShot, 0x80000000, "IN_ONESHOT" },
    };

    [Theory]
    [MemberData(nameof(Header))]
    public void A_bit_has_the_value_and_the_name_of_the_kernel(InotifyMask mask, uint value, string name)
    {
        Assert.Equal(value, (uint)mask);
        Assert.Equal(name, mask.KernelNames);
    }

    [Theory]
    [MemberData(nameof(Header))]
    public void A_name_is_read_with_and_without_prefix_in_any_case(InotifyMask mask, uint value, string name)
    {
        _ = value;
        string lower = name.ToLowerInvariant();
        foreach (string text in new[] { name, name[3..], lower, lower[3..], $" {name} " })
        {
            Assert.True(InotifyMask.TryParseKernelNames(text, out InotifyMask read), text);
            Assert.Equal(mask, read);
        }
    }

    [Fact]
    public void Several_names_are_joined_in_the_order_of_the_header()
    {
        Assert.Equal("IN_CREATE|IN_ISDIR", (InotifyMask.IsDir | InotifyMask.Create).KernelNames);
        Assert.Equal("IN_CLOSE_WRITE|IN_CLOSE_NOWRITE", InotifyMask.Close.KernelNames);
        Assert.Equal(string.Empty, InotifyMask.None.KernelNames);
        Assert.Equal("IN_ACCESS|0x1000", ((InotifyMask)0x1001).KernelNames);
    }

    [Fact]
    public void Groups_are_read()
    {
        Assert.True(InotifyMask.TryParseKernelNames("close,IN_MOVE", out InotifyMask read));
        Assert.Equal(InotifyMask.Close | InotifyMask.Move, read);
        Assert.True(InotifyMask.TryParseKernelNames("in_all_events", out read));
        Assert.Equal((InotifyMask)0xfff, read);
        Assert.Equal(Header.Count + 3, InotifyMask.AllKernelNames.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("IN_")]
    [InlineData("CREATED")]
    [InlineData("IN_IN_CREATE")]
    [InlineData("CREATE,")]
    [InlineData("CREATE||DELETE")]
    [InlineData("1")]
    public void What_is_no_name_is_refused(string text)
    {
        Assert.False(InotifyMask.TryParseKernelNames(text, out InotifyMask read));
        Assert.Equal(InotifyMask.None, read);
    }

    [Fact]
    public void Every_mask_of_known_bits_is_read_back()
    {
        uint known = Header.Aggregate(0u, static (sum, row) => sum | row.Data.Item2);
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll<uint>(bits =>
        {
            InotifyMask mask = (InotifyMask)(bits * 0x9E3779B1u & known);
            bool isRead = InotifyMask.TryParseKernelNames(mask.KernelNames, out InotifyMask read);
            return mask == 0 ? !isRead : isRead && read == mask;
        }));
    }
}
