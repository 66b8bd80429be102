using System.Globalization;
using System.Text.RegularExpressions;
using Vigil.Bus.Records;
using Vigil.Bus.Trees;
using Vigil.Watching;

namespace Vigil.Bus.Tests;

/// <summary>The record as its page has it, and the history that holds records.</summary>
public sealed partial class RecordTests
{
    [Fact]
    public void The_example_of_the_page_is_what_is_written()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs/bus-record.md"));
        byte[] told = [.. Line().Matches(page)
            .SelectMany(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(text => byte.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        DateTime time = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddMicroseconds(6);
        byte[] written = new byte[ChangeRecord.SizeOf(10, 10, 0)];
        ChangeRecord.Write(
            written,
            new RecordFields
            {
                Kind = (byte)FileChangeKind.Renamed,
                Type = EntryType.File,
                Number = 1234,
                TimeMicroseconds = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            },
            "/srv/b.txt"u8,
            "/srv/a.txt"u8);
        Assert.Equal(Convert.ToHexString(told), Convert.ToHexString(written));

        Assert.True(ChangeRecord.TryRead(written, out ChangeRecord record));
        Assert.Equal("/srv/b.txt"u8, record.Path);
        Assert.Equal("/srv/a.txt"u8, record.OldPath);
        Assert.True(record.Reason.IsEmpty);
    }

    [Fact]
    public void Whatever_bytes_there_are_nothing_outside_them_is_read() => Seed.RunMany(2000, random =>
    {
        byte[] bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        if (bytes.Length >= ChangeRecord.HeaderBytes && random.Next(2) == 0)
        {
            // Almost right.
            ChangeRecord.Write(
                bytes.AsSpan(0, bytes.Length & ~7), new RecordFields { Number = 1 }, bytes.AsSpan(0, 0));
            bytes[random.Next(24)] ^= (byte)(1 << random.Next(8));
        }

        if (ChangeRecord.TryRead(bytes, out ChangeRecord record))
        {
            int parts = record.Path.Length + record.OldPath.Length + record.Reason.Length;
            Assert.InRange(parts + ChangeRecord.HeaderBytes, ChangeRecord.HeaderBytes, bytes.Length);
        }
    });

    [Theory]
    [InlineData("5f0c9d21e8b3a647:1234", true)]
    [InlineData("none", true)]
    [InlineData("", false)]
    [InlineData("0000000000000000:1", false)]
    [InlineData("5f0c9d21e8b3a647:-1", false)]
    public void A_position_is_read_from_the_text_that_it_writes(string text, bool isOne)
    {
        Assert.Equal(isOne, ChangePosition.TryParse(text, out ChangePosition position));
        Assert.Equal(isOne ? text : "none", position.ToString());
    }

    [Fact]
    public void A_history_keeps_the_last_records_in_its_bounds() => Seed.RunMany(50, random =>
    {
        int maxBytes = 8 * random.Next(100, 20_000);
        var history = new ChangeHistory(maxBytes);
        int total = random.Next(1, 5000);
        for (int number = 1; number <= total; number++)
        {
            byte[] path = new byte[random.Next(0, 200)];
            path.AsSpan().Fill((byte)number);
            ChangeRecord.Write(
                history.Begin(ChangeRecord.SizeOf(path.Length, 0, 0)), new RecordFields { Number = number }, path);
            history.End();
        }

        Assert.InRange(history.CapacityBytes, 1, maxBytes);
        Assert.Equal(total - history.LastGone, history.Count);
        long after = random.Next((int)history.LastGone, total + 1);
        byte[] copy = history.CopyAfter(after);
        long expected = after;
        for (ReadOnlySpan<byte> rest = copy; ChangeRecord.TryRead(rest, out ChangeRecord record);)
        {
            Assert.Equal(++expected, record.Number);
            Assert.False(record.Path.ContainsAnyExcept((byte)record.Number));
            rest = rest[record.Bytes.Length..];
        }

        Assert.Equal(total, expected);
    });

    [GeneratedRegex(@"^0000\w{4}  ((?:[0-9a-f]{2} ? ?)+) *\|", RegexOptions.Multiline)]
    private static partial Regex Line();
}
