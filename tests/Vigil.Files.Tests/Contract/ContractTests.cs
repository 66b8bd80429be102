namespace Vigil.IO.Tests.Contract;

/// <summary>What every way to the kernel has to do alike. Each way is a class that inherits these tests.</summary>
public abstract partial class ContractTests : IAsyncDisposable
{
    private readonly TempTree _tree = new();

    protected ContractTests(FileBackend backend) => Engine = new FileEngine(new() { Backend = backend });

    protected FileEngine Engine { get; }

    /// <summary>Whether what has to wait makes the caller wait.</summary>
    protected virtual bool IsBlocking => false;

    public virtual async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultTimeout);
        _tree.Dispose();
        GC.SuppressFinalize(this);
    }

    private string Write(string name, byte[] content)
    {
        string path = _tree.At(name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
