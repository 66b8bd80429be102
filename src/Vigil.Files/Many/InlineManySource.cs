using Vigil.IO.Operations;
using Vigil.IO.Whole;

namespace Vigil.IO.Many;

/// <summary>Files that are read one after the other by whoever wants them.</summary>
internal sealed class InlineManySource(FileEngine engine, InlineCarrier carrier, ReadManyOptions options) : ManySource
{
    private readonly Queue<string> _paths = new();
    private readonly CancellationTokenSource _end = new();

    internal override void Add(string path) => _paths.Enqueue(path);

    internal override void Start()
    {
        if (_paths.TryDequeue(out string? path))
        {
            try
            {
                Bring([WholeReader.ReadOne(new WholeContext(engine, carrier, path, _end.Token), options.MaxBytes)]);
            }
            catch (OperationCanceledException)
            {
                // Whoever cancelled it is told by the wait that follows.
            }
        }
    }

    public override void Dispose() => _end.Dispose();

    internal override void Cancel()
    {
        _end.Cancel();
        base.Cancel();
    }
}
