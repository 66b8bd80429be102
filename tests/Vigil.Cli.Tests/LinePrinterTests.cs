using System.Text;
using Vigil.Cli.Printing;
using Vigil.Watching;

namespace Vigil.Cli.Tests;

public sealed class LinePrinterTests
{
    private readonly LinePrinter _printer = new(Printed.Relative, isColored: false, endsInNul: false);

    [Fact]
    public void A_line_is_the_kind_and_the_path_relative_to_the_current_directory()
    {
        Assert.Equal("created   a/b\n", Printed.Text(_printer, Printed.Change("/srv/data/a/b"u8)));
        Assert.Equal("metadata  .\n", Printed.Text(_printer, Printed.Change("/srv/data"u8, FileChangeKind.Metadata)));
        Assert.Equal("closed    /etc/x\n", Printed.Text(_printer, Printed.Change("/etc/x"u8, FileChangeKind.Closed)));
    }

    [Fact]
    public void A_rename_shows_both_paths() => Assert.Equal(
        "renamed   a -> sub/b\n", Printed.Text(_printer, Printed.Rename("/srv/data/a"u8, "/srv/data/sub/b"u8)));

    [Fact]
    public void One_change_stays_one_line_whatever_the_name() => Assert.Equal(
        "created   a\\n\\t\\r\\x1b[31m\\x7f\\\\\\xff\\xc2\\x9bé漢\n",
        Printed.Text(_printer, Printed.Change([.. "a\n\t\r\u001b[31m\u007f\\"u8, 0xff, 0xc2, 0x9b, .. "é漢"u8])));

    [Fact]
    public void With_nul_the_name_is_told_as_it_is()
    {
        LinePrinter printer = new(Printed.Relative, isColored: false, endsInNul: true);
        byte[] name = [.. "a\n\u001b\\"u8, 0xff];
        byte[] path = [.. "/srv/data/"u8, .. name];
        Assert.Equal([.. "created   "u8, .. name, 0], Printed.Bytes(printer, Printed.Change(path)));
    }

    [Fact]
    public void Colour_is_around_the_kind_only()
    {
        LinePrinter printer = new(Printed.Relative, isColored: true, endsInNul: false);
        Assert.Equal("\u001b[32mcreated\u001b[0m   a\n", Printed.Text(printer, Printed.Change("/srv/data/a"u8)));
    }

    [Fact]
    public void A_path_longer_than_the_buffer_is_printed_whole()
    {
        byte[] path = Encoding.ASCII.GetBytes("/" + new string('x', 100_000));
        Assert.Equal(path.Length + "created   \n".Length, Printed.Bytes(_printer, Printed.Change(path)).Length);
    }
}
