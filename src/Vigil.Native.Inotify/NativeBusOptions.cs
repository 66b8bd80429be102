using System.Runtime.InteropServices;
using Vigil.Platform;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>vigil_bus_options of vigil.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal unsafe struct NativeBusOptions
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
    public NativePosition Since;

    [FieldOffset(56)]
    public byte* Socket;

    [FieldOffset(64)]
    public byte** Start;

    [FieldOffset(72)]
    public nuint StartCount;

    [FieldOffset(80)]
    public BusFlags Flags;

    [FieldOffset(84)]
    public uint Kinds;

    [FieldOffset(88)]
    public uint ReconnectMs;

    [FieldOffset(92)]
    public uint Capacity;

    [FieldOffset(96)]
    public uint AnswerMs;

    [FieldOffset(100)]
    public uint Reserved;

    /// <summary>VIGIL_RECONNECT_FOREVER of vigil.h.</summary>
    internal const uint ReconnectForever = uint.MaxValue;

    private const BusFlags KnownFlags = BusFlags.Initial | BusFlags.Fds | BusFlags.Local | BusFlags.Start;
    private const int DefaultCapacity = 65536;

    // Each may hold a descriptor, of which a program has 1024 unless it asks for more: getrlimit(2).
    private const int DefaultCapacityWithFds = 128;

    /// <summary>What the caller asks for.</summary>
    /// <param name="given">The caller's structure, of any size, or null.</param>
    /// <param name="request">The same for the client.</param>
    /// <returns>0, or EINVAL or E2BIG, with the text of the error set.</returns>
    internal static int Read(NativeBusOptions* given, out BusRequest request)
    {
        request = new BusRequest { Capacity = DefaultCapacity };
        if (given is null)
        {
            return Errno.Ok;
        }

        int status = OptionStruct.Read(given, "vigil_bus_options", out NativeBusOptions known);
        if (status == Errno.Ok)
        {
            status = known.Check();
        }

        return status == Errno.Ok ? known.CopyTo(request) : status;
    }

    private readonly int Check() =>
        (Flags & ~KnownFlags) != 0
            ? LastError.Set(Errno.EINVAL, $"vigil_bus_options.flags has unknown bits: 0x{(uint)Flags:x}")
        : (Kinds & ~(uint)FileChangeKinds.All) != 0
            ? LastError.Set(Errno.EINVAL, $"vigil_bus_options.kinds has unknown bits: 0x{Kinds:x}")
        : Capacity > int.MaxValue
            ? LastError.Set(Errno.EINVAL, $"vigil_bus_options.capacity is {Capacity}; at most 2147483647")
        : Reserved != 0
            ? LastError.Set(Errno.EINVAL, "vigil_bus_options.reserved is not 0\0"u8)
        : StartCount > 0 && !Flags.HasFlag(BusFlags.Start)
            ? LastError.Set(Errno.EINVAL, "vigil_bus_options.start is there without VIGIL_BUS_START in flags\0"u8)
        : Socket is not null && *Socket == 0
            ? LastError.Set(Errno.EINVAL, "vigil_bus_options.socket is empty; NULL is for the usual place\0"u8)
        : Errno.Ok;

    private readonly int CopyTo(BusRequest request)
    {
        request.Capacity = Capacity != 0 ? (int)Capacity
            : Flags.HasFlag(BusFlags.Fds) ? DefaultCapacityWithFds
            : DefaultCapacity;
        request.Client.SocketPath = Socket is null ? null : NativeText.Read(Socket);
        request.Client.AllowLocal = Flags.HasFlag(BusFlags.Local);
        request.Client.ReconnectTimeout = ReconnectMs switch
        {
            0 => request.Client.ReconnectTimeout,
            ReconnectForever => Timeout.InfiniteTimeSpan,
            _ => TimeSpan.FromMilliseconds(ReconnectMs),
        };
        request.Client.AnswerTimeout = AnswerMs switch
        {
            0 => request.Client.AnswerTimeout,
            ReconnectForever => Timeout.InfiniteTimeSpan,
            _ => TimeSpan.FromMilliseconds(AnswerMs),
        };
        request.Subscribe.Since = Since.Value;
        request.Subscribe.ReportInitial = Flags.HasFlag(BusFlags.Initial);
        request.Subscribe.WithDescriptors = Flags.HasFlag(BusFlags.Fds);
        request.Subscribe.Kinds = Kinds == 0 ? FileChangeKinds.All : (FileChangeKinds)Kinds;
        List<string> start = [];
        int status = NativeText.ReadAll(Start, StartCount, start.Add, "vigil_bus_options.start");
        if (status == Errno.Ok && Flags.HasFlag(BusFlags.Start))
        {
            request.Client.StartCommand = start.Count > 0 ? start : ["vigil", "serve", "--on-demand"];
        }

        if (status == Errno.Ok)
        {
            status = NativeText.ReadAll(
                Ignore, IgnoreCount, request.Subscribe.Ignore.Add, "vigil_bus_options.ignore");
        }

        return status != Errno.Ok
            ? status
            : NativeText.ReadAll(
                Include, IncludeCount, request.Subscribe.Include.Add, "vigil_bus_options.include");
    }

    /// <summary>The VIGIL_BUS_… bits of vigil.h.</summary>
    [Flags]
    internal enum BusFlags : uint
    {
        None = 0,
        Initial = 1,
        Fds = 2,
        Local = 4,
        Start = 8,
    }
}
