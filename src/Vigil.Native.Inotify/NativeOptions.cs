using System.Runtime.InteropServices;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>vigil_tree_options of vigil.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct NativeOptions
{
    [FieldOffset(0)]
    public nuint Size;

    [FieldOffset(8)]
    public byte** Ignore;

    [FieldOffset(16)]
    public nuint IgnoreCount;

    [FieldOffset(24)]
    public byte** Include;

    [FieldOffset(32)]
    public nuint IncludeCount;

    [FieldOffset(40)]
    public TreeFlags Flags;

    [FieldOffset(44)]
    public uint Kinds;

    [FieldOffset(48)]
    public uint Backend;

    [FieldOffset(52)]
    public uint SettleMs;

    [FieldOffset(56)]
    public uint PollIntervalMs;

    [FieldOffset(60)]
    public uint Capacity;

    private const TreeFlags KnownFlags = TreeFlags.IgnoreFiles | TreeFlags.NotRecursive | TreeFlags.OneFileSystem
        | TreeFlags.ReportInitial | TreeFlags.WaitForRoots;

    /// <summary>What the caller asks for.</summary>
    /// <param name="given">The caller's structure, of any size, or null.</param>
    /// <param name="options">The same for the watcher.</param>
    /// <returns>0, or EINVAL or E2BIG, with the text of the error set.</returns>
    internal static int Read(NativeOptions* given, out TreeWatcherOptions options)
    {
        options = new TreeWatcherOptions();
        if (given is null)
        {
            return Errno.Ok;
        }

        int status = OptionStruct.Read(given, "vigil_tree_options", out NativeOptions known);
        return status == Errno.Ok ? known.CopyTo(options) : status;
    }

    private readonly int CopyTo(TreeWatcherOptions options)
    {
        if ((Flags & ~KnownFlags) != 0)
        {
            return LastError.Set(Errno.EINVAL, $"vigil_tree_options.flags has unknown bits: 0x{(uint)Flags:x}");
        }

        if ((Kinds & ~(uint)FileChangeKinds.All) != 0)
        {
            return LastError.Set(Errno.EINVAL, $"vigil_tree_options.kinds has unknown bits: 0x{Kinds:x}");
        }

        if (Backend > (uint)WatchBackend.Poll)
        {
            return LastError.Set(Errno.EINVAL, $"vigil_tree_options.backend is {Backend}, which is none");
        }

        if (Capacity > int.MaxValue)
        {
            return LastError.Set(Errno.EINVAL, $"vigil_tree_options.capacity is {Capacity}; at most 2147483647");
        }

        options.HonourIgnoreFiles = Flags.HasFlag(TreeFlags.IgnoreFiles);
        options.Recursive = !Flags.HasFlag(TreeFlags.NotRecursive);
        options.OneFileSystem = Flags.HasFlag(TreeFlags.OneFileSystem);
        options.ReportInitial = Flags.HasFlag(TreeFlags.ReportInitial);
        options.WaitForRoots = Flags.HasFlag(TreeFlags.WaitForRoots);
        options.Kinds = Kinds == 0 ? FileChangeKinds.All : (FileChangeKinds)Kinds;
        options.Backend = (WatchBackend)Backend;
        options.Settle = TimeSpan.FromMilliseconds(SettleMs);
        options.PollInterval = TimeSpan.FromMilliseconds(PollIntervalMs);
        options.Capacity = Capacity == 0 ? options.Capacity : (int)Capacity;
        return NativeText.ReadAll(Ignore, IgnoreCount, options.Ignore.Add, "vigil_tree_options.ignore") is var ignored
            and not Errno.Ok
            ? ignored
            : NativeText.ReadAll(Include, IncludeCount, options.Include.Add, "vigil_tree_options.include");
    }

    /// <summary>The VIGIL_TREE_… bits of vigil.h.</summary>
    [Flags]
    internal enum TreeFlags : uint
    {
        None = 0,
        IgnoreFiles = 1,
        NotRecursive = 2,
        OneFileSystem = 4,
        ReportInitial = 8,
        WaitForRoots = 16,
    }
}
