using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vigil.Compare;

/// <summary>
/// Every folder and every child process of a run. Whatever ends the run (success, an error, Ctrl-C), the children are
/// ended and the folders removed. Nothing outside these folders is changed.
/// </summary>
internal sealed class WorkArea : IDisposable
{
    private static readonly TimeSpan RemoveBound = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly List<string> _folders = [];
    private readonly HashSet<Process> _children = [];
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _count;
    private bool _disposed;

    public WorkArea()
    {
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, _ =>
            {
                Dispose();
                Environment.Exit(130);
            }));
        }
    }

    /// <summary>
    /// A new empty folder below <paramref name="parent"/>, which is on the file system to be measured.
    /// </summary>
    public string NewFolder(string parent, string name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            string path = Path.Combine(parent, $"vigil-compare-{Environment.ProcessId}-{++_count}-{name}");
            Directory.CreateDirectory(path);
            _folders.Add(path);
            return path;
        }
    }

    public void RemoveFolder(string path)
    {
        lock (_lock)
        {
            _folders.Remove(path);
        }

        DeleteTree(path);
    }

    public void Adopt(Process child)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _children.Add(child);
                return;
            }
        }

        // The run was ended while this child was being made.
        EndAtOnce(child);
    }

    public void Release(Process child)
    {
        lock (_lock)
        {
            _children.Remove(child);
        }
    }

    public void Dispose()
    {
        List<string> folders;
        List<Process> children;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            folders = [.. _folders];
            children = [.. _children];
        }

        foreach (Process child in children)
        {
            EndAtOnce(child);
        }

        foreach (string folder in folders)
        {
            DeleteTree(folder);
        }
    }

    private static void EndAtOnce(Process child)
    {
        try
        {
            child.Kill();
            child.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <summary>
    /// Again while something (a copy that is not finished yet) still makes files there, but not for ever.
    /// </summary>
    private static void DeleteTree(string path)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (Directory.Exists(path))
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (IOException error)
            {
                if (waited.Elapsed > RemoveBound)
                {
                    Console.Error.WriteLine($"could not remove {path}: {error.Message}");
                    return;
                }

                Thread.Sleep(50);
            }
        }
    }
}
