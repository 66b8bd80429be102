namespace Vigil.IO.Operations;

/// <summary>What an operation asks of the kernel.</summary>
internal enum OperationKind
{
    Read,
    Write,
    Sync,
    SyncData,
    Open,
}
