using System.Runtime.InteropServices;
using Vigil.Watching;

namespace Vigil.Native.Inotify;

/// <summary>The functions of trees. What they do is said in vigil.h.</summary>
internal static unsafe class TreeExports
{
    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_open")]
    internal static int Open(byte** paths, nuint count, NativeOptions* given, void** result)
    {
        try
        {
            if (result is null)
            {
                return LastError.Set(Errno.EINVAL, "there is no place for the tree: the last argument is NULL");
            }

            *result = null;
            if (count == 0)
            {
                return LastError.Set(Errno.EINVAL, "there is no path to watch");
            }

            List<string> texts = [];
            int status = NativeText.ReadPaths(paths, count, texts);
            if (status == Errno.Ok)
            {
                status = NativeOptions.Read(given, out TreeWatcherOptions options);
                if (status == Errno.Ok)
                {
                    *result = HandleTable.Add(NativeTree.Open(texts, options));
                }
            }

            return status;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_fd")]
    internal static int Descriptor(void* handle)
    {
        try
        {
            return HandleTable.Find<NativeTree>(handle)?.Descriptor ?? -1;
        }
        catch (Exception e)
        {
            _ = LastError.Set(e);
            return -1;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_wait")]
    internal static int Wait(void* handle, int timeoutMs)
    {
        try
        {
            return HandleTable.Find<NativeTree>(handle)?.Wait(timeoutMs) ?? Errno.EINVAL;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_read")]
    internal static int Read(
        void* handle, NativeChange* changes, nuint capacity, byte* buffer, nuint bufferBytes, nuint* count)
    {
        try
        {
            if (count is not null)
            {
                *count = 0;
            }

            if (HandleTable.Find<NativeTree>(handle) is not { } tree)
            {
                return Errno.EINVAL;
            }

            if (changes is null || capacity == 0 || buffer is null || count is null)
            {
                return LastError.Set(Errno.EINVAL, "vigil_tree_read needs changes, a buffer and a count to fill");
            }

            return tree.Read(changes, capacity, buffer, bufferBytes, out *count);
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_sync")]
    internal static int Sync(void* handle, int timeoutMs)
    {
        try
        {
            return HandleTable.Find<NativeTree>(handle)?.Sync(timeoutMs) ?? Errno.EINVAL;
        }
        catch (AggregateException e)
        {
            return LastError.Set(e.GetBaseException());
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_add")]
    internal static int Add(void* handle, byte* path)
    {
        try
        {
            if (HandleTable.Find<NativeTree>(handle) is not { } tree)
            {
                return Errno.EINVAL;
            }

            int status = NativeText.ReadPath(path, out string text);
            if (status == Errno.Ok)
            {
                tree.Add(text);
            }

            return status;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_remove")]
    internal static int Remove(void* handle, byte* path)
    {
        try
        {
            if (HandleTable.Find<NativeTree>(handle) is not { } tree)
            {
                return Errno.EINVAL;
            }

            int status = NativeText.ReadPath(path, out string text);
            return status != Errno.Ok || tree.Remove(text)
                ? status
                : LastError.Set(Errno.ENOENT, $"'{text}' is not watched");
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "vigil_tree_close")]
    internal static void Close(void* handle)
    {
        try
        {
            HandleTable.Remove<NativeTree>(handle)?.Close();
        }
        catch (Exception)
        {
            // There is nobody to tell, and nothing that the caller could do.
        }
    }
}
