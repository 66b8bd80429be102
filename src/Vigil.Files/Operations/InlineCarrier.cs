namespace Vigil.IO.Operations;

/// <summary>The calling thread does it, and waits where the kernel does.</summary>
internal sealed class InlineCarrier : Carrier
{
    internal override void Start(FileOperation operation) => operation.RunHere();
}
