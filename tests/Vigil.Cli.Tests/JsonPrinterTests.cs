using System.Text;
using System.Text.Json;
using Vigil.Cli.Printing;
using Vigil.Testing;
using Vigil.Watching;

namespace Vigil.Cli.Tests;

public sealed class JsonPrinterTests
{
    private readonly JsonPrinter _printer = new(DisplayedPath.Absolute);

    [Fact]
    public void A_change_has_the_fields_of_the_contract_in_their_order() => Assert.Equal(
        """{"kind":"created","path":"/srv/a b","type":"file","seq":7,"time":"2026-11-21T09:30:05.000042Z"}""" + "\n",
        Printed.Text(_printer, Printed.Change("/srv/a b"u8)));

    [Fact]
    public void A_rename_has_both_paths() => Assert.Equal(
        """{"kind":"renamed","path":"/b","oldPath":"/a","type":"directory","seq":8,"""
        + """ "time":"2026-11-21T09:30:05.000042Z"}""".TrimStart() + "\n",
        Printed.Text(_printer, Printed.Rename("/a"u8, "/b"u8)));

    [Fact]
    public void Ready_tells_what_is_watched_and_how()
    {
        WatchNotice notice = new()
        {
            Directories = 12,
            Entries = 340,
            Elapsed = TimeSpan.FromMilliseconds(2.1),
            Backend = WatchBackend.Inotify,
        };
        ChangeRecord ready = new()
        {
            Kind = FileChangeKind.Ready,
            Sequence = 1,
            TimeTicks = Printed.Time,
            Notice = notice,
        };
        Assert.Equal(
            """{"kind":"ready","seq":1,"time":"2026-11-21T09:30:05.000042Z","directories":12,"entries":340,"""
            + """ "elapsedMs":3,"backend":"inotify"}""".TrimStart() + "\n",
            Printed.Text(_printer, ready));
    }

    [Fact]
    public void Degraded_tells_where_why_and_how_often_it_is_polled()
    {
        ChangeRecord degraded = new()
        {
            Kind = FileChangeKind.Degraded,
            Sequence = 9,
            TimeTicks = Printed.Time,
            Path = "/srv"u8,
            Notice = new WatchNotice { Reason = "the limit \"x\" is 1", PollInterval = TimeSpan.FromSeconds(1.5) },
        };
        Assert.Equal(
            """{"kind":"degraded","path":"/srv","seq":9,"time":"2026-11-21T09:30:05.000042Z","""
            + """ "reason":"the limit \"x\" is 1","pollMs":1500}""".TrimStart() + "\n",
            Printed.Text(_printer, degraded));
    }

    [Fact]
    public void What_was_there_at_the_start_is_marked() => Assert.Contains(
        ",\"initial\":true}",
        Printed.Text(_printer, new ChangeRecord { Path = "/a"u8, IsInitial = true, TimeTicks = Printed.Time }));

    [Fact]
    public void A_type_that_is_not_known_is_left_out() => Assert.DoesNotContain(
        "\"type\"", Printed.Text(_printer, Printed.Change("/a"u8, FileChangeKind.Deleted, EntryType.Unknown)));

    [Fact]
    public void Paths_can_be_relative()
    {
        JsonPrinter printer = new(Printed.Relative);
        Assert.Contains("\"path\":\"a/b\"", Printed.Text(printer, Printed.Change("/srv/data/a/b"u8)));
        Assert.Contains("\"path\":\".\"", Printed.Text(printer, Printed.Change("/srv/data"u8)));
        Assert.Contains("\"path\":\"/srv/data2\"", Printed.Text(printer, Printed.Change("/srv/data2"u8)));
    }

    [Fact]
    public void Names_of_any_bytes_give_valid_json_that_keeps_the_bytes() => Seed.Run(static random =>
    {
        JsonPrinter printer = new(DisplayedPath.Absolute);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] name = RandomName(random);
            using JsonDocument json = JsonDocument.Parse(Printed.Bytes(printer, Printed.Rename(name, name)));
            foreach ((string text, string bytes) in new[] { ("path", "pathBytes"), ("oldPath", "oldPathBytes") })
            {
                string shown = json.RootElement.GetProperty(text).GetString()!;
                Assert.Equal(Encoding.UTF8.GetString(name), shown);
                byte[] kept = json.RootElement.TryGetProperty(bytes, out JsonElement base64)
                    ? base64.GetBytesFromBase64()
                    : Encoding.UTF8.GetBytes(shown);
                Assert.Equal(name, kept);
            }
        }
    });

    private static byte[] RandomName(Random random)
    {
        string[] parts = ["a", "é", "漢", "🎉", "\n", "\u001b", "\"", "\\", "\u007f", "\u0085", "\u2028"];
        List<byte> name = [(byte)'/'];
        for (int left = random.Next(1, 12); left > 0; left--)
        {
            name.AddRange(random.Next(3) == 0
                ? [(byte)random.Next(1, 256)]
                : Encoding.UTF8.GetBytes(parts[random.Next(parts.Length)]));
        }

        return [.. name];
    }
}
