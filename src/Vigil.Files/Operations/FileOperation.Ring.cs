using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Platform.Linux;

namespace Vigil.IO.Operations;

/// <content>The operation as an entry of a ring.</content>
internal sealed unsafe partial class FileOperation
{
    private const int CurrentDirectory = -100;
    private const uint O_CLOEXEC = 0x80000;
    private const uint SyncDataOnly = 1;

    private volatile int _use;
    private ulong _ringKey;

    /// <summary>How often it was used: tells it from the next one that is asked of the same object.</summary>
    internal int Use => _use;

    /// <summary>What the kernel knows it by, or 0. Only the threads that submit and take completions set it.</summary>
    internal ulong RingKey
    {
        get => Volatile.Read(ref _ringKey);
        set => Volatile.Write(ref _ringKey, value);
    }

    /// <summary>Whether a ring can do it: all but to wait for the writer of a FIFO that is open.</summary>
    internal bool FitsRing => _kind != OperationKind.Open || _opened is null;

    /// <summary>Writes its next step into an entry.</summary>
    internal void Fill(ref IoUringEntry entry)
    {
        entry.Descriptor = _handle is null ? CurrentDirectory : (int)_handle.DangerousGetHandle();
        switch (_kind)
        {
            case OperationKind.Read or OperationKind.Write:
                FillTransfer(ref entry);
                break;
            case OperationKind.Open:
                // Not tried at once: without waiting the FIFO that has no writer would be open.
                entry.Code = IoUringCode.OpenAt;
                entry.Flags = IoUringEntryFlags.Async;
                entry.Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_path!));
                entry.Length = _permissions;
                entry.OperationFlags = (uint)_openFlags | O_CLOEXEC;
                break;
            default:
                entry.Code = IoUringCode.Sync;
                entry.OperationFlags = _kind == OperationKind.SyncData ? SyncDataOnly : 0;
                break;
        }
    }

    private void FillTransfer(ref IoUringEntry entry)
    {
        bool isRead = _kind == OperationKind.Read;
        entry.Offset = (ulong)_offset;
        if (_memory.CallCount == 1 && _memory.Vectors->Length <= uint.MaxValue)
        {
            entry.Code = isRead ? IoUringCode.Read : IoUringCode.Write;
            entry.Address = (ulong)_memory.Vectors->Start;
            entry.Length = (uint)_memory.Vectors->Length;
            return;
        }

        entry.Code = isRead ? IoUringCode.ReadVector : IoUringCode.WriteVector;
        entry.Address = (ulong)_memory.Vectors;
        entry.Length = (uint)_memory.CallCount;
    }
}
