using System.Runtime.InteropServices;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// What a consumer was given by its producer, checked: the control page and the data mapped read-only, a page of its
/// own mapped for writing, the side socket, and the producer's process. Disposing lets go of all of it.
/// </summary>
internal sealed unsafe class JoinedRing : IDisposable
{
    // What cannot shrink never faults when it is read, and what nobody else can write is written by the producer alone.
    private const MemorySeals Needed = MemorySeals.Shrink | MemorySeals.FutureWrite;

    // The producer's process; null where the kernel has no handles for processes, or it is in a pid namespace that
    // cannot be seen from here. There its number means nothing.
    private readonly ProcessHandle? _process;
    private readonly bool _isVisible;

    private JoinedRing(
        in RingJoinMessage message,
        MemoryMapping control,
        MemoryMapping ring,
        MemoryMapping page,
        UnixSocket side,
        ProcessHandle? process,
        bool isVisible)
    {
        Message = message;
        ControlMapping = control;
        RingMapping = ring;
        PageMapping = page;
        Side = side;
        _process = process;
        _isVisible = isVisible;
    }

    internal RingJoinMessage Message { get; }

    internal MemoryMapping ControlMapping { get; }

    internal MemoryMapping RingMapping { get; }

    internal MemoryMapping PageMapping { get; }

    internal UnixSocket Side { get; }

    /// <summary>Whether the producer's process runs, as far as it can be seen from here.</summary>
    internal bool IsProducerAlive => _process is not null
        ? !_process.HasExited
        : _isVisible ? ProcessHandle.Exists(Message.ProducerProcessId) : !Side.IsHungUp;

    internal RingControl* Control => (RingControl*)ControlMapping.Address;

    internal byte* Ring => RingMapping.Address;

    internal RingConsumerPage* Page => (RingConsumerPage*)PageMapping.Address;

    /// <summary>Waits for the producer's message and takes what came with it.</summary>
    /// <param name="connection">The connection to the producer; the caller keeps it.</param>
    /// <param name="mode">The mode that is expected, or null for any.</param>
    /// <param name="timeoutMs">How long to wait.</param>
    /// <param name="joined">The ring, which the caller disposes.</param>
    /// <param name="problem">What is wrong, in words; empty if nothing is.</param>
    internal static RingStatus TryReceive(
        UnixSocket connection, RingWakeMode? mode, int timeoutMs, out JoinedRing? joined, out string problem)
    {
        joined = null;
        RingStatus status = WaitForMessage(
            connection, timeoutMs, out RingJoinMessage message, out ReceivedMessage received);
        problem = status switch
        {
            RingStatus.Ok => ProblemOf(message, mode),
            RingStatus.Again => "the producer sent no ring in time",
            RingStatus.Protocol => "what came is no message of a ring",
            _ => "the connection is no connected Unix socket, or was closed without a ring: the producer has ended, "
                + "has no free place, or does not admit this user",
        };
        if (status != RingStatus.Ok)
        {
            return status;
        }

        using (received)
        {
            if (problem.Length > 0)
            {
                return RingStatus.Protocol;
            }

            try
            {
                return Take(connection, message, received.Descriptors, ref joined, ref problem);
            }
            catch (VigilException e)
            {
                problem = e.Message;
                return e.Failure is Failure.OutOfMemory ? RingStatus.NoMemory : RingStatus.Io;
            }
        }
    }

    internal bool TryHold()
    {
        int held = 0;
        try
        {
            foreach (SafeHandle handle in Handles())
            {
                bool taken = false;
                handle.DangerousAddRef(ref taken);
                held++;
            }

            return true;
        }
        catch (ObjectDisposedException)
        {
            foreach (SafeHandle handle in Handles().Take(held))
            {
                handle.DangerousRelease();
            }

            return false;
        }
    }

    internal void Release()
    {
        foreach (SafeHandle handle in Handles())
        {
            handle.DangerousRelease();
        }
    }

    public void Dispose()
    {
        Side.Dispose();
        _process?.Dispose();
        ControlMapping.Dispose();
        RingMapping.Dispose();
        PageMapping.Dispose();
    }

    private IEnumerable<SafeHandle> Handles()
    {
        yield return ControlMapping;
        yield return PageMapping;
        yield return Side;
        if (_process is not null)
        {
            yield return _process;
        }
    }

    private static RingStatus WaitForMessage(
        UnixSocket connection, int timeoutMs, out RingJoinMessage message, out ReceivedMessage received)
    {
        long deadline = Environment.TickCount64 + timeoutMs;
        while (true)
        {
            RingStatus status = RingWire.TryReceiveJoin(connection, out message, out received);
            long left = deadline - Environment.TickCount64;
            if (status != RingStatus.Again || left <= 0)
            {
                return status;
            }

            _ = connection.WaitReadable((int)left);
        }
    }

    private static string ProblemOf(in RingJoinMessage message, RingWakeMode? mode)
    {
        if (message.CapacityBytes is 0 or > long.MaxValue || message.CapacityBytes % RingMemory.PageBytes != 0)
        {
            return $"a ring cannot have {message.CapacityBytes} bytes";
        }

        if (message.InitialHead % RingMessageHeader.AlignmentBytes != 0)
        {
            return $"no message can begin at {message.InitialHead}";
        }

        var offered = (RingWakeMode)message.WakeMode;
        if (offered is not (RingWakeMode.Push or RingWakeMode.Pull) || message.WakeMode != (uint)(mode ?? offered))
        {
            return $"the producer offers mode {message.WakeMode}, which is not the one that is wanted";
        }

        return "";
    }

    private static RingStatus Take(
        UnixSocket connection,
        in RingJoinMessage message,
        ReadOnlySpan<ReceivedDescriptor> descriptors,
        ref JoinedRing? joined,
        ref string problem)
    {
        if (!TryTell(descriptors, message.CapacityBytes, out MemoryFile[] files, out UnixSocket? side))
        {
            problem = "what came with the message is not a control page, a ring of the size that it names, both whole "
                + "and sealed against shrinking and writing, a page to write, and a socket";
            return RingStatus.Protocol;
        }

        MemoryMapping? control = null, ring = null, page = null;
        try
        {
            control = MemoryMapping.Create(files[0], (long)RingMemory.PageBytes, writable: false, populate: true);
            if (((RingControl*)control.Address)->CapacityBytes != message.CapacityBytes)
            {
                problem = "the control page names another size of the ring than the message";
                return RingStatus.Protocol;
            }

            ring = MemoryMapping.Create(files[1], (long)message.CapacityBytes, writable: false, populate: true);
            page = MemoryMapping.Create(files[2], RingConsumerPage.SizeBytes, writable: true, populate: true);
            ProcessHandle? process = ProcessOf(connection, message, out bool isVisible);
            joined = new JoinedRing(message, control, ring, page, side, process, isVisible);
            return RingStatus.Ok;
        }
        catch (VigilException e) when (e.Failure is Failure.AccessDenied)
        {
            problem = "a page that is to be this consumer's cannot be written";
            return RingStatus.Protocol;
        }
        finally
        {
            foreach (MemoryFile file in files)
            {
                file.Dispose();
            }

            if (joined is null)
            {
                side.Dispose();
                control?.Dispose();
                ring?.Dispose();
                page?.Dispose();
            }
        }
    }

    // Tells them apart by what they are, not by their place: so another order joins too. Where the ring is one page
    // long the control page is the first of the two.
    private static bool TryTell(
        ReadOnlySpan<ReceivedDescriptor> descriptors,
        ulong capacity,
        out MemoryFile[] files,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out UnixSocket? side)
    {
        side = null;
        var found = new MemoryFile?[RingWire.JoinDescriptors - 1];
        foreach (ReceivedDescriptor descriptor in descriptors)
        {
            if (descriptor.IsSocket)
            {
                side?.Dispose();
                side = UnixSocket.Adopt(descriptor);
                continue;
            }

            MemoryFile file = MemoryFile.Adopt(descriptor);
            int place = PlaceOf(file, capacity, isFirstPageTaken: found[0] is not null);
            if (place < 0 || found[place] is not null)
            {
                file.Dispose();
                continue;
            }

            found[place] = file;
        }

        files = [.. found.OfType<MemoryFile>()];
        if (side is not null && files.Length == found.Length)
        {
            return true;
        }

        side?.Dispose();
        foreach (MemoryFile file in files)
        {
            file.Dispose();
        }

        return false;
    }

    private static int PlaceOf(MemoryFile file, ulong capacity, bool isFirstPageTaken)
    {
        MemorySeals seals = file.Seals;
        long length = file.LengthBytes;
        if ((seals & Needed) == Needed)
        {
            // What is not there would be taken from this process's memory when it looks. Holes cannot be made any more.
            if (file.AllocatedBytes < length)
            {
                return -1;
            }

            bool isPage = length == (long)RingMemory.PageBytes;
            return isPage && !isFirstPageTaken ? 0 : length == (long)capacity ? 1 : -1;
        }

        bool isWritable = (seals & (MemorySeals.Write | MemorySeals.FutureWrite)) == 0;
        return isWritable && seals.HasFlag(MemorySeals.Shrink) && length == RingConsumerPage.SizeBytes ? 2 : -1;
    }

    // The process at the other end of the connection, if it is the one that the message names; a connection may have
    // been made by a process that handed it on. In another pid namespace it has another number here.
    private static ProcessHandle? ProcessOf(UnixSocket connection, in RingJoinMessage message, out bool isVisible)
    {
        isVisible = false;
        if (connection.TryGetPeer(out PeerCredentials peer) != Failure.None)
        {
            return null;
        }

        if (peer.ProcessId == 0 || ProcessHandle.InnermostId(peer.ProcessId) == message.ProducerProcessId)
        {
            return connection.TryOpenPeer() ?? ProcessHandle.TryOpen(peer.ProcessId, out _);
        }

        // The number counts only if the peer is in this process's own namespace: then so is the one it names, or was.
        isVisible = ProcessHandle.InnermostId(peer.ProcessId) == peer.ProcessId;
        return isVisible ? ProcessHandle.TryOpen(message.ProducerProcessId, out _) : null;
    }
}
