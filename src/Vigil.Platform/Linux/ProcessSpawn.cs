using System.Runtime.InteropServices;

namespace Vigil.Platform.Linux;

/// <summary>
/// Starting programs with a process group of their own: posix_spawn(3). All members are thread-safe.
/// </summary>
public static partial class ProcessSpawn
{
    private const short POSIX_SPAWN_SETPGROUP = 0x02;
    private const short POSIX_SPAWN_SETSIGDEF = 0x04;
    private const short POSIX_SPAWN_SETSIGMASK = 0x08;
    private const int O_RDONLY = 0;

    // posix_spawnattr_t has 336 bytes and posix_spawn_file_actions_t 80 in glibc, both less in musl; sigset_t 128.
    private const int AttributeBytes = 512;
    private const int ActionBytes = 256;
    private const int SignalSetBytes = 128;

    /// <summary>
    /// Starts a program as the leader of a new process group, with every signal at its default and none blocked,
    /// whatever this process ignores (the runtime ignores SIGPIPE, and a child would inherit that).
    /// </summary>
    /// <param name="arguments">The program, which PATH resolves where it has no slash, and its arguments; texts of
    /// <see cref="PathText"/>.</param>
    /// <param name="environment">The whole environment, each entry as NAME=VALUE without a NUL.</param>
    /// <param name="inputPath">A file to be its standard input, or null for the one of this process.</param>
    /// <param name="errno">Why it was not started, as errno(3); 0 where it was.</param>
    /// <returns>Its process id, which is that of its group; 0 where it was not started. The caller waits for it
    /// (<see cref="ChildProcesses"/>).</returns>
    public static unsafe int TryStart(
        IReadOnlyList<string> arguments, IReadOnlyList<byte[]> environment, string? inputPath, out int errno)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(environment);
        byte** argv = Allocate([.. arguments.Select(PathText.ToBytes)]);
        byte** envp = Allocate(environment);
        byte* attributes = stackalloc byte[AttributeBytes];
        byte* actions = stackalloc byte[ActionBytes];
        byte* signals = stackalloc byte[SignalSetBytes];
        posix_spawnattr_init(attributes);
        posix_spawn_file_actions_init(actions);
        try
        {
            posix_spawnattr_setflags(
                attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
            posix_spawnattr_setpgroup(attributes, 0);
            sigfillset(signals);
            posix_spawnattr_setsigdefault(attributes, signals);
            sigemptyset(signals);
            posix_spawnattr_setsigmask(attributes, signals);
            if (inputPath is not null)
            {
                fixed (byte* path = PathText.ToTerminated(inputPath))
                {
                    posix_spawn_file_actions_addopen(actions, 0, path, O_RDONLY, 0);
                }
            }

            int id;
            errno = posix_spawnp(&id, argv[0], actions, attributes, argv, envp);
            return errno == 0 ? id : 0;
        }
        finally
        {
            posix_spawn_file_actions_destroy(actions);
            posix_spawnattr_destroy(attributes);
            Free(argv);
            Free(envp);
        }
    }

    /// <summary>What an errno of <see cref="TryStart"/> means, in a few words.</summary>
    /// <param name="errno">The number.</param>
    /// <returns>Words such as <c>permission denied</c>.</returns>
    public static string Describe(int errno) => ErrnoTable.Describe(errno);

    /// <summary>Whether an errno of <see cref="TryStart"/> says that there is no such program.</summary>
    /// <param name="errno">The number.</param>
    /// <returns>Whether it is ENOENT or ENOTDIR.</returns>
    public static bool IsNotFound(int errno) => errno is ErrnoTable.ENOENT or ErrnoTable.ENOTDIR;

    // An array of C strings that ends in a null pointer, in one block.
    private static unsafe byte** Allocate(IReadOnlyList<byte[]> texts)
    {
        nuint bytes = (nuint)(texts.Count + 1) * (nuint)sizeof(byte*);
        foreach (byte[] text in texts)
        {
            bytes += (nuint)text.Length + 1;
        }

        byte** array = (byte**)NativeMemory.Alloc(bytes);
        byte* next = (byte*)(array + texts.Count + 1);
        for (int i = 0; i < texts.Count; i++)
        {
            array[i] = next;
            texts[i].CopyTo(new Span<byte>(next, texts[i].Length));
            next += texts[i].Length;
            *next++ = 0;
        }

        array[texts.Count] = null;
        return array;
    }

    private static unsafe void Free(byte** array) => NativeMemory.Free(array);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnp(
        int* id, byte* file, void* actions, void* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setpgroup(void* attributes, int group);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_addopen(
        void* actions, int fd, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static unsafe partial int sigfillset(void* signals);

    [LibraryImport("libc")]
    private static unsafe partial int sigemptyset(void* signals);
}
