using Vigil.IO.Operations;
using Vigil.IO.Whole;

namespace Vigil.IO.Many;

/// <summary>Files that are read by threads of their own: those of the pool are too few for what waits.</summary>
internal sealed class ThreadManySource : ManySource
{
    private const int ThreadsAProcessor = 8;

    private readonly FileEngine _engine;
    private readonly InlineCarrier _carrier;
    private readonly int _maxBytes;
    private readonly int _mostThreads;
    private readonly Lock _gate = new();
    private readonly Queue<string> _paths = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly CancellationTokenSource _end = new();
    private int _added;
    private int _threads;
    private bool _isDisposed;

    internal ThreadManySource(FileEngine engine, InlineCarrier carrier, ReadManyOptions options)
    {
        _engine = engine;
        _carrier = carrier;
        _maxBytes = options.MaxBytes;
        _mostThreads = Math.Min(options.InFlight, ThreadsAProcessor * Environment.ProcessorCount);
    }

    internal override void Add(string path)
    {
        lock (_gate)
        {
            _paths.Enqueue(path);
        }

        _added++;
    }

    internal override void Start()
    {
        for (; _threads < _mostThreads && _threads < _added; _threads++)
        {
            new Thread(Read) { IsBackground = true, Name = "vigil files" }.Start();
        }

        if (_added > 0)
        {
            _wanted.Release(_added);
            _added = 0;
        }
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _paths.Clear();
        }

        _end.Cancel();
    }

    private void Read()
    {
        try
        {
            while (true)
            {
                _wanted.Wait(_end.Token);
                string? path;
                lock (_gate)
                {
                    _paths.TryDequeue(out path);
                }

                if (path is not null)
                {
                    Bring([WholeReader.ReadOne(new WholeContext(_engine, _carrier, path, _end.Token), _maxBytes)]);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody wants more.
        }
    }
}
