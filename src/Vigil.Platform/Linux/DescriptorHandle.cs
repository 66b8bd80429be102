using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>An open file descriptor, closed once, whoever lets go of it last.</summary>
public abstract partial class DescriptorHandle : SafeHandle
{
    private protected DescriptorHandle(int descriptor, bool ownsHandle = true)
        : base(invalidHandleValue: -1, ownsHandle) => SetHandle(descriptor);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    private protected int Descriptor => (int)handle;

    /// <summary>close(2). A failure is not repeated: the descriptor is gone on Linux whatever close answers.</summary>
    /// <returns>Always true.</returns>
    protected override bool ReleaseHandle()
    {
        _ = close((int)handle);
        return true;
    }

    [LibraryImport("libc")]
    private static partial int close(int fd);
}
