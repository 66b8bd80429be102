using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>
/// A message where it lies in the ring. It is there for the body of the foreach only: neither it nor its payload can be
/// kept, copy what is to last.
/// </summary>
public readonly unsafe ref struct RingMessage
{
    // A reference, so that the compiler lets nothing of the message out of the loop.
    private readonly ref readonly RingBatchScope _scope;
    private readonly RingCursor _cursor;
    private readonly byte* _message;
    private readonly ulong _headerStart;

    internal RingMessage(ref readonly RingBatchScope scope, RingCursor cursor, byte* message, ulong headerStart)
    {
        _scope = ref scope;
        _cursor = cursor;
        _message = message;
        _headerStart = headerStart;
    }

    /// <summary>
    /// Its bytes, in the ring. Should the producer evict this consumer while they are read, they may change: then
    /// <see cref="IsIntact"/> is false afterwards, and the next step of the loop throws.
    /// </summary>
    /// <exception cref="RingException">It is larger than a span can be, which only a C program can write.</exception>
    public ReadOnlySpan<byte> Payload
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int bytes = (int)(uint)_headerStart;
            if (bytes < 0)
            {
                ThrowTooLarge();
            }

            return MemoryMarshal.CreateReadOnlySpan(ref *(_message + RingMessageHeader.SizeBytes), bytes);
        }
    }

    /// <summary>Where its header begins, in bytes since the ring was created.</summary>
    public long Offset => (long)_cursor.OffsetOf(_message);

    /// <summary>How many descriptors came with it.</summary>
    public int DescriptorCount => (byte)(_headerStart >> 32);

    /// <summary>The number of a message with descriptors, or what a C program put there.</summary>
    public ulong SequenceId => _cursor.SequenceIdOf(_message);

    /// <summary>
    /// Whether all that was read of it so far is what the producer wrote. To be asked after the reading, by who must
    /// know before the loop goes on.
    /// </summary>
    public bool IsIntact
    {
        get
        {
            LoadFence.Pass(); // SYNC POINT: evicted
            return _cursor.Consumer.Raw.Evicted == RingEvictionReason.None;
        }
    }

    /// <summary>
    /// Takes the descriptors that came with it; those that nobody takes are closed when the loop goes on. Do not use
    /// them from a producer that is not trusted: they may be of any kind.
    /// </summary>
    /// <returns>The handles, in the order of the sender, for the caller to dispose; none where none came.</returns>
    /// <exception cref="RingException">They were lost: this consumer is in pull mode, or had not received so many
    /// earlier ones that the producer could not send these; or they were taken already.</exception>
    public SafeFileHandle[] TakeDescriptors() => TryTakeDescriptors(out SafeFileHandle[] handles)
        ? handles
        : throw new RingException(
            RingStatus.NotFound,
            $"The {DescriptorCount} descriptors of message {SequenceId} are not there: "
            + (_cursor.Consumer.Mode == RingWakeMode.Pull
                ? "a consumer in pull mode is sent none."
                : "they were taken before, this consumer joined while they were sent, or its socket was full of those "
                    + "of earlier messages."));

    /// <summary>As <see cref="TakeDescriptors"/>, for a reader that can do without them.</summary>
    /// <param name="handles">The handles, for the caller to dispose; none where none came with the message.</param>
    /// <returns>False where they were lost.</returns>
    public bool TryTakeDescriptors(out SafeFileHandle[] handles)
    {
        handles = [];
        if (DescriptorCount == 0)
        {
            return true;
        }

        RingStatus status = _cursor.Consumer.Raw.TryTakeDescriptors(SequenceId, out ReceivedMessage record);
        using (record)
        {
            if (status != RingStatus.Ok || record.Descriptors.Length != DescriptorCount)
            {
                return false;
            }

            handles = new SafeFileHandle[DescriptorCount];
            for (int i = 0; i < handles.Length; i++)
            {
                handles[i] = record.Descriptors[i].ToFileHandle();
            }

            return true;
        }
    }

    private static void ThrowTooLarge() =>
        throw new RingException(RingStatus.Invalid, "A message of 2 GiB or more cannot be seen as a span.");
}
