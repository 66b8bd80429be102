using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// The entries in a buffer that getdents64(2) filled, in place, without "." and "..". Valid as long as the buffer is.
/// </summary>
public ref struct DirectoryEntries
{
    // struct linux_dirent64: u64 d_ino, s64 d_off, u16 d_reclen, u8 d_type, then the name, ended by a NUL.
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _current;

    /// <summary>Starts before the first entry.</summary>
    /// <param name="buffer">Exactly the bytes that were read.</param>
    public DirectoryEntries(ReadOnlySpan<byte> buffer)
    {
        _rest = buffer;
        _current = default;
    }

    /// <summary>The name as bytes, ended by a NUL, as the kernel's calls take it.</summary>
    public readonly ReadOnlySpan<byte> TerminatedName
    {
        get
        {
            ReadOnlySpan<byte> padded = _current[NameOffset..];
            int length = padded.IndexOf((byte)0);
            return padded[..(length + 1)];
        }
    }

    /// <summary>
    /// The type, or <see cref="EntryType.Unknown"/> where the file system does not say (then stat tells).
    /// </summary>
    public readonly EntryType Type => _current[TypeOffset] switch
    {
        8 => EntryType.File,
        4 => EntryType.Directory,
        10 => EntryType.Symlink,
        0 => EntryType.Unknown,
        _ => EntryType.Other,
    };

    /// <summary>The inode number; for a mount point that of the directory below the mount.</summary>
    public readonly ulong Inode => MemoryMarshal.Read<ulong>(_current);

    /// <summary>Goes to the next entry.</summary>
    /// <returns>False where there is none.</returns>
    public bool MoveNext()
    {
        while (_rest.Length > NameOffset)
        {
            int length = MemoryMarshal.Read<ushort>(_rest[LengthOffset..]);
            if (length <= NameOffset || length > _rest.Length)
            {
                return false;
            }

            _current = _rest[..length];
            _rest = _rest[length..];
            if (!IsDots(_current[NameOffset..]) && _current[NameOffset..].Contains((byte)0))
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDots(ReadOnlySpan<byte> name) =>
        name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}
