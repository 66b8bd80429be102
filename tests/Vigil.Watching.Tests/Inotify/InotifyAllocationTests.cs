using Vigil.Testing;

namespace Vigil.Watching.Tests;

public sealed class InotifyAllocationTests
{
    private const int EventsPerBuffer = 1_000;

    [Fact]
    public void A_million_events_are_decoded_without_allocating()
    {
        EventBytes bytes = new();
        for (int i = 0; i < EventsPerBuffer; i++)
        {
            bytes.Add(i, InotifyMask.CloseWrite, 0, "some-file-name.txt"u8);
        }

        byte[] buffer = bytes.ToArray();
        (long warm, _) = Decode(buffer, rounds: 1);
        Assert.Equal(18 * EventsPerBuffer, warm);

        (long nameBytes, long allocatedBytes) = Decode(buffer, rounds: 1_000);
        Assert.Equal(18_000_000, nameBytes);
        Assert.Equal(0, allocatedBytes);
    }

    [Fact]
    public void Reading_and_waiting_allocate_nothing_per_event()
    {
        using TempTree directory = new();
        using Inotify inotify = Inotify.Open();
        inotify.Add(directory.Path, InotifyMask.Open | InotifyMask.Close);
        _ = ReadSome(inotify, directory.WriteFile("warm"));

        long allocatedBytes = ReadSome(inotify, directory.WriteFile("file"));
        Assert.Equal(0, allocatedBytes);
    }

    private static (long NameBytes, long AllocatedBytes) Decode(byte[] buffer, int rounds)
    {
        long nameBytes = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < rounds; round++)
        {
            foreach (InotifyEvent e in new InotifyEvents(buffer))
            {
                nameBytes += e.IsOverflow || e.IsIgnored ? 0 : e.Name.Length;
            }
        }

        return (nameBytes, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static long ReadSome(Inotify inotify, string file)
    {
        for (int i = 0; i < EventsPerBuffer; i++)
        {
            File.OpenHandle(file).Dispose();
        }

        int count = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (count < 2 * EventsPerBuffer)
        {
            foreach (InotifyEvent e in inotify.Read(Eventually.DefaultTimeout))
            {
                count += e.Name.IsEmpty ? 0 : 1;
            }
        }

        _ = inotify.Read(TimeSpan.Zero);
        _ = inotify.Read(TimeSpan.FromMilliseconds(1));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
