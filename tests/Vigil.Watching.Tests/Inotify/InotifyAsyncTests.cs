using Vigil.Testing;

namespace Vigil.Watching.Tests;

/// <summary>Waiting without a thread.</summary>
public sealed class InotifyAsyncTests : IDisposable
{
    private readonly TempTree _directory = new();
    private readonly Inotify _inotify = Inotify.Open();

    public void Dispose()
    {
        _inotify.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_is_there_is_told_at_once_and_what_comes_when_it_comes()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        _inotify.Add(_directory.Path, InotifyMask.Create);
        for (int i = 0; i < 200; i++)
        {
            ValueTask<bool> wait = _inotify.WaitToReadAsync(cancellation);
            Assert.False(wait.IsCompleted);
            _directory.WriteFile($"f{i}");
            Assert.True(await wait.AsTask().WaitAsync(Eventually.DefaultTimeout, cancellation));
            ValueTask<bool> again = _inotify.WaitToReadAsync(cancellation);
            Assert.True(again.IsCompletedSuccessfully);
            Assert.True(await again);
            Assert.Equal([$"IN_CREATE f{i}"], _inotify.DrainShort());
        }
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_the_next_one_works()
    {
        _inotify.Add(_directory.Path, InotifyMask.Create);
        for (int i = 0; i < 50; i++)
        {
            using CancellationTokenSource source = new();
            ValueTask<bool> wait = _inotify.WaitToReadAsync(source.Token);
            await source.CancelAsync();
            OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => wait.AsTask().WaitAsync(Eventually.DefaultTimeout, TestContext.Current.CancellationToken));
            Assert.Equal(source.Token, cancelled.CancellationToken);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => _inotify.WaitToReadAsync(source.Token).AsTask());
        }

        ValueTask<bool> last = _inotify.WaitToReadAsync(TestContext.Current.CancellationToken);
        _directory.WriteFile("f");
        Assert.True(await last.AsTask().WaitAsync(Eventually.DefaultTimeout, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Dispose_ends_the_loop_quietly_at_any_moment()
    {
        for (int i = 0; i < 200; i++)
        {
            Inotify inotify = Inotify.Open();
            inotify.Add(_directory.Path, InotifyMask.Create);
            Task<int> loop = Task.Run(() => CountAsync(inotify), TestContext.Current.CancellationToken);
            if (i % 2 == 0)
            {
                File.Delete(_directory.WriteFile("f"));
            }

            for (int spin = 0; spin < i * 20; spin++)
            {
                Thread.SpinWait(1);
            }

            inotify.Dispose();
            await loop.WaitAsync(Eventually.DefaultTimeout, TestContext.Current.CancellationToken);
            Assert.False(await inotify.WaitToReadAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_second_wait_is_refused()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ValueTask<bool> wait = _inotify.WaitToReadAsync(cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _inotify.WaitToReadAsync(cancellation));
        _inotify.Dispose();
        Assert.False(await wait);
    }

    [Fact]
    public async Task Many_instances_wait_with_one_thread()
    {
        const int Instances = 20;
        const int FilesEach = 50;
        List<(Inotify Inotify, string Path, Task<int> Loop)> all = [];
        for (int i = 0; i < Instances; i++)
        {
            Inotify inotify = Inotify.Open();
            string path = _directory.MakeDirectory($"d{i}");
            inotify.Add(path, InotifyMask.Create);
            all.Add((inotify, path, Task.Run(() => CountAsync(inotify, FilesEach))));
        }

        Eventually.True(() => ThreadsNamed("Vigil readiness") == 1, "the thread that waits for all of them");
        for (int file = 0; file < FilesEach; file++)
        {
            all.ForEach(one => File.WriteAllText($"{one.Path}/f{file}", string.Empty));
        }

        int[] counts = await Task.WhenAll(all.Select(static one => one.Loop))
            .WaitAsync(Eventually.DefaultTimeout, TestContext.Current.CancellationToken);
        all.ForEach(static one => one.Inotify.Dispose());
        Assert.All(counts, static count => Assert.Equal(FilesEach, count));
        Assert.Equal(1, ThreadsNamed("Vigil readiness"));
    }

    private static int ThreadsNamed(string name) => Directory.GetDirectories("/proc/self/task")
        .Count(task => NameOf(task) == name[..Math.Min(15, name.Length)]);

    // A thread may end between the listing and the look.
    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(task + "/comm").TrimEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task<int> CountAsync(Inotify inotify, int enough = int.MaxValue)
    {
        int count = 0;
        while (count < enough && await inotify.WaitToReadAsync())
        {
            foreach (InotifyEvent e in inotify.TryRead())
            {
                count += e.Name.IsEmpty ? 0 : 1;
            }
        }

        return count;
    }
}
