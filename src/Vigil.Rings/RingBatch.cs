using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Vigil.Platform.Linux;

namespace Vigil.Rings;

/// <summary>The messages that <see cref="RingConsumer.ReadBatch"/> found, for one foreach.</summary>
public readonly ref struct RingBatch
{
    private readonly ref readonly RingBatchScope _scope;
    private readonly RingConsumer _consumer;

    internal RingBatch(RingConsumer consumer, ref readonly RingBatchScope scope)
    {
        _consumer = consumer;
        _scope = ref scope;
    }

    /// <summary>Begins to read.</summary>
    /// <returns>The enumerator; foreach disposes it.</returns>
    /// <exception cref="InvalidOperationException">A batch of this consumer is being read already, or it is waited
    /// for.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public Enumerator GetEnumerator() => new(_consumer, in _scope);

    /// <summary>Goes through the messages; disposing it gives their room back to the producer.</summary>
    public ref struct Enumerator : IDisposable
    {
        private readonly ref readonly RingBatchScope _scope;
        private RingCursor _cursor;
        private bool _isBegun;

        internal unsafe Enumerator(RingConsumer consumer, ref readonly RingBatchScope scope)
        {
            _scope = ref scope;
            consumer.BeginReading();
            RawRingConsumer raw = consumer.Raw;
            if (raw.KnownHead == raw.LocalTail)
            {
                _ = consumer.LookForMore();
            }

            ulong head = raw.KnownHead;
            _isBegun = true;
            ulong tail = raw.LocalTail;
            _cursor = new RingCursor
            {
                Consumer = consumer,
                Next = tail,
                NextPhysical = raw.LocalPhysical,
                End = head,
                StopBytes = Math.Min(head - tail, consumer.LongestBatchBytes + 1),
                Ring = raw.Ring,
                CapacityBytes = raw.CapacityBytes,
            };

            // What was lapped is told by the slow step, message by message.
            _cursor.Begin = head - tail <= raw.CapacityBytes ? tail : tail - _cursor.StopBytes;
        }

        /// <summary>The message. Nothing of it can be kept beyond the loop's body.</summary>
        [UnscopedRef]
        public readonly RingMessage Current => new(in _cursor);

        /// <summary>Goes on to the next message.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="RingEvictedException">The producer no longer waits for this consumer: the message before
        /// may have been overwritten while it was read.</exception>
        /// <exception cref="RingException">What the producer wrote is no message.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe bool MoveNext()
        {
            // The step to a message without descriptors, without flags and not at the end: most of them.
            if (!_cursor.HasUntakenDescriptors && _cursor.Next - _cursor.Begin < _cursor.StopBytes)
            {
                LoadFence.Pass(); // SYNC POINT: evicted
                ulong next = _cursor.Next;
                ulong physical = _cursor.NextPhysical;
                byte* at = _cursor.Ring + physical;
                ulong first = Volatile.Read(ref *(ulong*)at);
                ulong sequenceId = Volatile.Read(ref *(ulong*)(at + sizeof(ulong)));
                ulong bytes = RawRingProducer.AlignUp(RingMessageHeader.SizeBytes + first);
                if (first <= uint.MaxValue && bytes <= _cursor.End - next && bytes <= _cursor.CapacityBytes - physical
                    && _cursor.Consumer.Raw.Evicted == RingEvictionReason.None)
                {
                    _cursor.HeaderStart = first;
                    _cursor.SequenceId = sequenceId;
                    _cursor.Payload = at + RingMessageHeader.SizeBytes;
                    _cursor.Offset = next;
                    _cursor.Next = next + bytes;
                    physical += bytes;
                    _cursor.NextPhysical = physical == _cursor.CapacityBytes ? 0 : physical;
                    return true;
                }
            }

            return MoveNextSlowly();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private unsafe bool MoveNextSlowly()
        {
            if (_cursor.HasUntakenDescriptors)
            {
                DropDescriptors();
            }

            LoadFence.Pass(); // SYNC POINT: evicted
            RawRingConsumer raw = _cursor.Consumer.Raw;
            while (_cursor.Next != _cursor.End)
            {
                // A long batch ends early, behind its first message.
                if (_cursor.Next - raw.LocalTail > _cursor.Consumer.LongestBatchBytes)
                {
                    break;
                }

                RingStatus status = raw.ViewAt(
                    _cursor.Next, _cursor.NextPhysical, out RingMessageView view, out RingMessageHeader header);
                if (status != RingStatus.Ok)
                {
                    ThrowUnreadable(status);
                }

                ulong bytes = RawRingProducer.AlignUp(view.TotalBytes);
                _cursor.Offset = _cursor.Next;
                _cursor.Next += bytes;
                _cursor.NextPhysical = raw.Advance(_cursor.NextPhysical, bytes);
                if ((header.Flags & RingMessageHeader.PaddingFlag) == 0)
                {
                    _cursor.HeaderStart = Unsafe.BitCast<RingMessageHeader, (ulong Start, ulong)>(header).Start;
                    _cursor.SequenceId = header.SequenceId;
                    _cursor.Payload = view.Payload;
                    _cursor.HasUntakenDescriptors = header.DescriptorCount != 0;
                    return true;
                }
            }

            if (raw.Evicted != RingEvictionReason.None)
            {
                ThrowUnreadable(RingStatus.Overflow);
            }

            return false;
        }

        /// <summary>Ends the batch: the producer may write again where its messages were.</summary>
        public void Dispose()
        {
            if (!_isBegun)
            {
                return;
            }

            _isBegun = false;
            if (_cursor.HasUntakenDescriptors)
            {
                DropDescriptors();
            }

            RawRingConsumer raw = _cursor.Consumer.Raw;
            if (_cursor.Next != raw.LocalTail)
            {
                _ = raw.Publish(_cursor.Next);
            }

            _cursor.Consumer.EndReading();
        }

        private void DropDescriptors()
        {
            _cursor.HasUntakenDescriptors = false;
            _cursor.Consumer.Raw.DropDescriptors(_cursor.SequenceId);
        }

        private readonly void ThrowUnreadable(RingStatus status)
        {
            if (status == RingStatus.Overflow)
            {
                RingEvictionReason reason = _cursor.Consumer.Raw.Evicted;
                throw new RingEvictedException(reason);
            }

            throw new RingException(status, $"What the producer wrote at offset {_cursor.Next} is no message.");
        }
    }
}
