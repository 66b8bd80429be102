using System.Runtime.InteropServices;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>The functions of a bus. What they do is said in vigil.h.</summary>
internal static unsafe class BusExports
{
    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_subscribe")]
    internal static int Subscribe(byte* root, NativeBusOptions* given, void** result) =>
        Open(root, given, result, NativeBus.Subscribe);

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_since")]
    internal static int Since(byte* root, NativeBusOptions* given, void** result) =>
        Open(root, given, result, NativeBus.Since);

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_clock")]
    internal static int Clock(byte* root, NativeBusOptions* given, NativePosition* position)
    {
        try
        {
            if (position is null)
            {
                return LastError.Set(Errno.EINVAL, "there is no place for the position: the last argument is NULL\0"u8);
            }

            *position = default;
            int status = ReadArguments(root, given, out string text, out BusRequest request);
            if (status == Errno.Ok)
            {
                *position = new NativePosition(NativeBus.Clock(text, request));
            }

            return status;
        }
        catch (Exception e)
        {
            return BusError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_fd")]
    internal static int Descriptor(void* handle)
    {
        try
        {
            return HandleTable.Find<NativeBus>(handle)?.Descriptor ?? -1;
        }
        catch (Exception e)
        {
            _ = BusError.Set(e);
            return -1;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_wait")]
    internal static int Wait(void* handle, int timeoutMs)
    {
        try
        {
            return HandleTable.Find<NativeBus>(handle)?.Wait(timeoutMs) ?? Errno.EINVAL;
        }
        catch (Exception e)
        {
            return BusError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_read")]
    internal static int Read(
        void* handle, NativeBusChange* changes, nuint capacity, byte* buffer, nuint bufferBytes, nuint* count)
    {
        try
        {
            if (count is not null)
            {
                *count = 0;
            }

            if (HandleTable.Find<NativeBus>(handle) is not { } bus)
            {
                return Errno.EINVAL;
            }

            return changes is null || capacity == 0 || buffer is null || count is null
                ? LastError.Set(Errno.EINVAL, "vigil_bus_read needs changes, a buffer and a count to fill\0"u8)
                : bus.Read((NativeChange*)changes, capacity, buffer, bufferBytes, out *count);
        }
        catch (Exception e)
        {
            return BusError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_sync")]
    internal static int Sync(void* handle, int timeoutMs)
    {
        try
        {
            return HandleTable.Find<NativeBus>(handle)?.Sync(timeoutMs) ?? Errno.EINVAL;
        }
        catch (Exception e)
        {
            return BusError.SetOfSync(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_position")]
    internal static int Position(void* handle, NativePosition* position)
    {
        try
        {
            if (position is null)
            {
                return LastError.Set(Errno.EINVAL, "there is no place for the position: the last argument is NULL\0"u8);
            }

            *position = default;
            if (HandleTable.Find<NativeBus>(handle) is not { } bus)
            {
                return Errno.EINVAL;
            }

            *position = new NativePosition(bus.Position);
            return Errno.Ok;
        }
        catch (Exception e)
        {
            return BusError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_bus_close")]
    internal static void Close(void* handle)
    {
        try
        {
            HandleTable.Remove<NativeBus>(handle)?.Close();
        }
        catch (Exception)
        {
            // There is nobody to tell, and nothing that the caller could do.
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_position_text")]
    internal static nuint PositionText(NativePosition* position, byte* text, nuint size)
    {
        try
        {
            string whole = position is null ? "" : position->Value.ToString();
            return NativeText.Write(whole, text, size);
        }
        catch (Exception e)
        {
            _ = BusError.Set(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_position_parse")]
    internal static int PositionParse(byte* text, NativePosition* position)
    {
        try
        {
            if (text is null || position is null)
            {
                return LastError.Set(Errno.EINVAL, "vigil_position_parse needs a text and a place for it\0"u8);
            }

            *position = default;
            string given = NativeText.Read(text);
            if (!ChangePosition.TryParse(given, out ChangePosition value) || value.IsNone)
            {
                return LastError.Set(
                    Errno.EINVAL, $"'{given}' is no position; one looks like 5f0c9d21e8b3a647:1234");
            }

            *position = new NativePosition(value);
            return Errno.Ok;
        }
        catch (Exception e)
        {
            return BusError.Set(e);
        }
    }

    private static int Open(
        byte* root, NativeBusOptions* given, void** result, Func<string, BusRequest, NativeBus> open)
    {
        try
        {
            if (result is null)
            {
                return LastError.Set(Errno.EINVAL, "there is no place for the bus: the last argument is NULL\0"u8);
            }

            *result = null;
            int status = ReadArguments(root, given, out string text, out BusRequest request);
            if (status == Errno.Ok)
            {
                *result = HandleTable.Add(open(text, request));
            }

            return status;
        }
        catch (Exception e)
        {
            return BusError.Set(e);
        }
    }

    private static int ReadArguments(byte* root, NativeBusOptions* given, out string text, out BusRequest request)
    {
        request = null!;
        int status = NativeText.ReadPath(root, out text);
        return status == Errno.Ok ? NativeBusOptions.Read(given, out request) : status;
    }
}
