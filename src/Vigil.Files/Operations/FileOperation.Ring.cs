using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.IO.Operations;

/// <content>The operation as an entry of a ring.</content>
internal sealed unsafe partial class FileOperation
{
    private const int CurrentDirectory = -100;
    private const uint O_CLOEXEC = 0x80000;
    private const uint O_NONBLOCK = 0x800;
    private const uint SyncDataOnly = 1;

    private volatile int _use;
    private ulong _ringKey;
    private bool _mayWait;

    /// <summary>How often it was used: tells it from the next one that is asked of the same object.</summary>
    internal int Use => _use;

    /// <summary>What the kernel knows it by, or 0. Only the threads that submit and take completions set it.</summary>
    internal ulong RingKey
    {
        get => Volatile.Read(ref _ringKey);
        set => Volatile.Write(ref _ringKey, value);
    }

    /// <summary>Whether a ring can do it: all but to wait for the other end of a FIFO.</summary>
    internal bool FitsRing => _kind != OperationKind.Open || (_opened is null && !_lacksReader);

    /// <summary>A ring has answered its next step.</summary>
    /// <returns>Whether it was the last, so that the operation is over.</returns>
    internal bool AdvanceInRing(KernelResult result)
    {
        if (_kind != OperationKind.Open)
        {
            return Advance(result);
        }

        if (result.IsSuccess)
        {
            _opened ??= new SafeFileHandle((nint)result.Value, ownsHandle: true);
            return !(IsOpenForReading && IsFifo(_opened)) && Advance(Opened(result));
        }

        _lacksReader = result.HasNoOtherEnd && IsFifo(_path);
        bool isLeased = result.Failure == Failure.WouldBlock && !_mayWait;
        _mayWait |= isLeased;
        return !_lacksReader && !isLeased && Advance(result);
    }

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
                // Without waiting: an open that waits for the other end of a FIFO holds a thread of the kernel, which
                // is out of reach for ever where the thread that submitted it ends at the wrong moment. A lease
                // (fcntl(2)) is waited for, as it is broken in its time.
                entry.Code = IoUringCode.OpenAt;
                entry.Flags = _mayWait ? IoUringEntryFlags.Async : IoUringEntryFlags.None;
                entry.Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_path!));
                entry.Length = _permissions;
                entry.OperationFlags = (uint)_openFlags | O_CLOEXEC | (_mayWait ? 0 : O_NONBLOCK);
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
