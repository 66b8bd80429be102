namespace Vigil.Native.Inotify.Tests;

/// <summary>Makes and removes files in a directory, without a pause, until it is disposed of.</summary>
internal sealed class Storm : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _thread;

    internal Storm(string directory)
    {
        _thread = new Thread(() =>
        {
            for (int i = 0; !_end.IsCancellationRequested; i++)
            {
                string path = Path.Combine(directory, $"storm{i % 8}");
                File.WriteAllText(path, "");
                File.Delete(path);
            }
        })
        { IsBackground = true, Name = "storm" };
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Cancel();
        _thread.Join();
        _end.Dispose();
    }
}
