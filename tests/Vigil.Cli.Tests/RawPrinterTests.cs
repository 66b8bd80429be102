using Vigil.Cli.Printing;
using Vigil.Watching;

namespace Vigil.Cli.Tests;

public sealed class RawPrinterTests
{
    [Fact]
    public void A_line_is_the_kernels_event()
    {
        RawEvent source = new() { Watch = 1, Mask = InotifyMask.Create, Length = 16, Name = "test"u8 };
        Assert.Equal(
            "wd: 1, mask: 100, flags: [IN_CREATE], cookie: 0, len: 16, name: test\n",
            Printed.Text(new RawLinePrinter(endsInNul: false), source));
    }

    [Fact]
    public void Several_flags_are_all_shown()
    {
        RawEvent source = new()
        {
            Watch = 12,
            Mask = InotifyMask.MovedFrom | InotifyMask.IsDir,
            Cookie = 4_000_000_000,
            Length = 16,
            Name = "a\nb"u8,
        };
        Assert.Equal(
            "wd: 12, mask: 40000040, flags: [IN_MOVED_FROM, IN_ISDIR], cookie: 4000000000, len: 16, name: a\\nb\n",
            Printed.Text(new RawLinePrinter(endsInNul: false), source));
    }

    [Fact]
    public void An_overflow_has_no_watch_and_no_name()
    {
        RawEvent source = new() { Watch = -1, Mask = InotifyMask.QueueOverflow };
        Assert.Equal(
            "wd: -1, mask: 4000, flags: [IN_Q_OVERFLOW], cookie: 0, len: 0, name: \n",
            Printed.Text(new RawLinePrinter(endsInNul: false), source));
        Assert.Equal(
            """{"wd":-1,"mask":16384,"flags":["IN_Q_OVERFLOW"],"cookie":0,"len":0,"name":""}""" + "\n",
            Printed.Text(new RawJsonPrinter(), source));
    }

    [Fact]
    public void An_object_names_its_watch()
    {
        RawJsonPrinter printer = new();
        printer.AddWatch(1, "/the/watched/path"u8);
        RawEvent source = new() { Watch = 1, Mask = InotifyMask.Create, Length = 16, Name = "test"u8 };
        Assert.Equal(
            """{"wd":1,"mask":256,"flags":["IN_CREATE"],"cookie":0,"len":16,"name":"test","""
            + """ "watch":"/the/watched/path"}""".TrimStart() + "\n",
            Printed.Text(printer, source));
    }

    [Fact]
    public void A_name_that_is_not_utf8_keeps_its_bytes()
    {
        const InotifyMask Mask = InotifyMask.Delete | InotifyMask.IsDir;
        RawEvent source = new() { Watch = 1, Mask = Mask, Length = 16, Name = [0xff] };
        Assert.Equal(
            """{"wd":1,"mask":1073742336,"flags":["IN_DELETE","IN_ISDIR"],"cookie":0,"len":16,"""
            + "\"name\":\"\uFFFD\",\"nameBytes\":\"/w==\"}\n",
            Printed.Text(new RawJsonPrinter(), source));
    }
}
