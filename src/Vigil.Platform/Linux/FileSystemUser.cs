using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// The user by whose rights the kernel answers this thread's calls for files: setfsuid(2), setfsgid(2), and no
/// supplementary groups. Root alone can be somebody else. A value of one thread: dispose it there, soon.
/// </summary>
public readonly ref partial struct FileSystemUser
{
    private const long SYS_setgroups_x64 = 116;
    private const long SYS_setgroups_arm64 = 159;
    private const uint Unchanged = uint.MaxValue;

    private readonly uint _user;
    private readonly uint _group;
    private readonly uint[]? _groups;

    private FileSystemUser(uint user, uint group, uint[] groups)
    {
        _user = user;
        _group = group;
        _groups = groups;
    }

    /// <summary>Whether this thread is that user now.</summary>
    public bool IsInForce => _groups is not null;

    /// <summary>Makes this thread another user in the eyes of file systems, until the answer is disposed.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="groupId">Its group; the others that it has do not count.</param>
    /// <returns>What undoes it; not in force where this process may not.</returns>
    public static unsafe FileSystemUser Become(uint userId, uint groupId)
    {
        int count = getgroups(0, null);
        uint[] groups = new uint[Math.Max(0, count)];
        fixed (uint* pointer = groups)
        {
            count = getgroups(groups.Length, pointer);
        }

        // The calls of the C library change all threads; the kernel's own change this one (nptl(7)).
        if (count < 0 || syscall(NumberOfSetgroups, 0, null) != 0)
        {
            return default;
        }

        var was = new FileSystemUser((uint)setfsuid(Unchanged), (uint)setfsgid(Unchanged), groups);
        _ = setfsgid(groupId);
        _ = setfsuid(userId);
        if ((uint)setfsuid(Unchanged) == userId && (uint)setfsgid(Unchanged) == groupId)
        {
            return was;
        }

        was.Dispose();
        return default;
    }

    /// <summary>Makes this thread who it was.</summary>
    public unsafe void Dispose()
    {
        if (_groups is null)
        {
            return;
        }

        _ = setfsuid(_user);
        _ = setfsgid(_group);
        fixed (uint* pointer = _groups)
        {
            _ = syscall(NumberOfSetgroups, _groups.Length, pointer);
        }
    }

    private static long NumberOfSetgroups =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? SYS_setgroups_x64 : SYS_setgroups_arm64;

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);

    [LibraryImport("libc")]
    private static partial int setfsgid(uint group);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getgroups(int size, uint* groups);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial long syscall(long number, nint size, uint* groups);
}
