using System.Globalization;
using System.Text.RegularExpressions;
using Vigil.Platform.Linux;
using Vigil.Testing;

namespace Vigil.Watching.Tests;

[Collection(nameof(Alone))]
public sealed class InotifyLimitTests
{
    [Fact]
    public void A_full_queue_is_told_and_its_lost_words_about_watches_are_made_good()
    {
        long queueEvents = Limits.MaxQueuedEvents;
        Assert.InRange(queueEvents, 1, 1_000_000);
        using TempTree directory = new();
        using Inotify inotify = Inotify.Open();
        string lost = directory.MakeDirectory("lost");
        WatchDescriptor watch = inotify.Add(directory.Path, InotifyMask.Move);
        WatchDescriptor lostWatch = inotify.Add(lost, InotifyMask.Create);
        directory.WriteFile("a");

        // Two events a round, each different from the one before: equal neighbours would be merged.
        for (long i = 0; i < (queueEvents / 4) + 1_000; i++)
        {
            File.Move(directory.At("a"), directory.At("b"));
            File.Move(directory.At("b"), directory.At("a"));
        }

        Directory.Delete(lost);
        List<RawEvent> events = inotify.Drain();
        Assert.Equal(queueEvents + 1, events.Count);
        Assert.Equal(new RawEvent(-1, InotifyMask.QueueOverflow, 0, 0, string.Empty), events[^1]);
        Assert.DoesNotContain(events[..^1], static e => (e.Mask & ~InotifyMask.Move) != 0);

        // The IN_IGNORED of the deleted directory did not fit. The instance and its other watch go on.
        Assert.Null(inotify.PathOf(lostWatch));
        Assert.Equal(directory.Path, inotify.PathOf(watch));
        File.Move(directory.At("a"), directory.At("b"));
        Assert.Equal(["IN_MOVED_FROM a", "IN_MOVED_TO b"], inotify.DrainShort());
    }

    [Fact]
    public void No_instance_left_is_told_with_the_limit_its_value_its_use_and_the_remedy()
    {
        List<Inotify> instances = [];
        VigilException? refused = null;
        try
        {
            while (refused is null && instances.Count < 100_000)
            {
                try
                {
                    instances.Add(Inotify.Open());
                }
                catch (VigilException e)
                {
                    refused = e;
                }
            }
        }
        finally
        {
            instances.ForEach(static instance => instance.Dispose());
        }

        Assert.NotNull(refused);
        Assert.Equal(("inotify_init1", "EMFILE"), (refused.Call, refused.ErrnoName));
        Match text = Regex.Match(
            refused.Message,
            @"(fs\.inotify\.max_user_instances|user\.max_inotify_instances) is (\d+), "
            + @"in use by this user: (\d+); .*sysctl \1=(\d+)");
        Assert.True(text.Success, refused.Message);
        long limit = long.Parse(text.Groups[2].Value, CultureInfo.InvariantCulture);
        long used = long.Parse(text.Groups[3].Value, CultureInfo.InvariantCulture);
        long wanted = long.Parse(text.Groups[4].Value, CultureInfo.InvariantCulture);
        Assert.True(limit >= instances.Count && used >= instances.Count && wanted > limit, refused.Message);

        // All came back.
        Inotify.Open().Dispose();
    }
}
