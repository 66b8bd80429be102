using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// The memory of a ring at its producer: the control page and the data, mapped for writing and then sealed, so that
/// nobody else can write, shrink or grow them; and descriptors of both for the consumers, open for reading only.
/// </summary>
internal sealed unsafe class RingMemory : IDisposable
{
    internal const ulong PageBytes = 4096;

    private const MemorySeals Sealed =
        MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite | MemorySeals.Seal;

    private readonly MemoryMapping _control;
    private readonly MemoryMapping _ring;

    private RingMemory(MemoryMapping control, MemoryMapping ring, MemoryFile controlFile, MemoryFile ringFile)
    {
        _control = control;
        _ring = ring;
        ControlFile = controlFile;
        RingFile = ringFile;
    }

    internal RingControl* Control => (RingControl*)_control.Address;

    internal byte* Ring => _ring.Address;

    /// <summary>The control page, open for reading only.</summary>
    internal MemoryFile ControlFile { get; }

    /// <summary>The data, open for reading only.</summary>
    internal MemoryFile RingFile { get; }

    internal static RingMemory Create(in RingParameters parameters)
    {
        MemoryMapping? control = null, ring = null;
        MemoryFile? controlFile = null;
        try
        {
            control = Map("vigil ring control", PageBytes, out controlFile);
            var page = (RingControl*)control.Address;
            page->ProducerProcessId = Environment.ProcessId;
            page->CapacityBytes = parameters.CapacityBytes;
            page->ClogThreshold = parameters.ClogThreshold;
            page->StallTimeoutNs = parameters.StallTimeoutNs;
            ring = Map("vigil ring", parameters.CapacityBytes, out MemoryFile ringFile);
            return new RingMemory(control, ring, controlFile, ringFile);
        }
        catch
        {
            control?.Dispose();
            ring?.Dispose();
            controlFile?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ControlFile.Dispose();
        RingFile.Dispose();
        _control.Dispose();
        _ring.Dispose();
    }

    // Every mapping that is to write has to be there before the seal.
    private static MemoryMapping Map(string name, ulong bytes, out MemoryFile readOnly)
    {
        MachineMemory.Require(bytes);
        using MemoryFile file = MemoryFile.Create(name, checked((long)bytes));
        MemoryMapping mapping = MemoryMapping.Create(file, (long)bytes, writable: true, populate: true);
        try
        {
            file.AddSeals(Sealed);
            readOnly = file.OpenReadOnly();
            return mapping;
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }
}
