using System.Runtime.InteropServices;

namespace Vigil.Rings;

/// <summary>The numbers of handles that cannot be closed meanwhile. Dispose it.</summary>
internal readonly ref struct HeldDescriptors
{
    private readonly ReadOnlySpan<SafeHandle> _handles;

    internal HeldDescriptors(ReadOnlySpan<SafeHandle> handles)
    {
        int[] numbers = new int[handles.Length];
        int held = 0;
        try
        {
            for (; held < handles.Length; held++)
            {
                ArgumentNullException.ThrowIfNull(handles[held]);
                bool taken = false;
                handles[held].DangerousAddRef(ref taken);
                numbers[held] = (int)handles[held].DangerousGetHandle();
            }
        }
        catch
        {
            Release(handles[..held]);
            throw;
        }

        _handles = handles;
        Numbers = numbers;
    }

    internal ReadOnlySpan<int> Numbers { get; }

    public void Dispose() => Release(_handles);

    private static void Release(ReadOnlySpan<SafeHandle> handles)
    {
        foreach (SafeHandle handle in handles)
        {
            handle.DangerousRelease();
        }
    }
}
