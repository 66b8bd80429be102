using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>The functions that speak: names of flags and kinds, errors, the version. See vigil.h.</summary>
internal static unsafe class TextExports
{
    [UnmanagedCallersOnly(EntryPoint = "vigil_mask_names")]
    internal static nuint MaskNames(uint mask, byte* text, nuint size)
    {
        try
        {
            return NativeText.Write(((InotifyMask)mask).KernelNames, text, size);
        }
        catch (Exception e)
        {
            _ = LastError.Set(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_mask_parse")]
    internal static int MaskParse(byte* names, uint* mask)
    {
        try
        {
            if (names is null || mask is null)
            {
                return LastError.Set(Errno.EINVAL, "vigil_mask_parse needs names and a place for the mask");
            }

            string text = NativeText.Read(names);
            bool isKnown = InotifyMask.TryParseKernelNames(text, out InotifyMask value);
            *mask = (uint)value;
            return isKnown ? Errno.Ok : LastError.Set(Errno.EINVAL, $"'{text}' has a name that is no flag of inotify");
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_kind_name")]
    internal static byte* KindName(int kind) => Pointer((FileChangeKind)kind switch
    {
        _ when kind is < 0 or > byte.MaxValue => "unknown\0"u8,
        FileChangeKind.Created => "created\0"u8,
        FileChangeKind.Modified => "modified\0"u8,
        FileChangeKind.Closed => "closed\0"u8,
        FileChangeKind.Metadata => "metadata\0"u8,
        FileChangeKind.Deleted => "deleted\0"u8,
        FileChangeKind.Renamed => "renamed\0"u8,
        FileChangeKind.Moved => "moved\0"u8,
        FileChangeKind.Replaced => "replaced\0"u8,
        FileChangeKind.Ready => "ready\0"u8,
        FileChangeKind.Overflowed => "overflowed\0"u8,
        FileChangeKind.Rescanned => "rescanned\0"u8,
        FileChangeKind.Degraded => "degraded\0"u8,
        FileChangeKind.Gone => "gone\0"u8,
        FileChangeKind.Fresh => "fresh\0"u8,
        _ => "unknown\0"u8,
    });

    [UnmanagedCallersOnly(EntryPoint = "vigil_last_error")]
    internal static byte* LastErrorText() => LastError.Text;

    [UnmanagedCallersOnly(EntryPoint = "vigil_version")]
    internal static byte* Version() => Pointer("0.1.0\0"u8);

    // Of a text in the library's read-only memory, which stays where it is.
    private static byte* Pointer(ReadOnlySpan<byte> text) =>
        (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(text));
}
