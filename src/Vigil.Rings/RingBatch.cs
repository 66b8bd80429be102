using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

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
    public unsafe ref struct Enumerator : IDisposable
    {
        private readonly ref readonly RingBatchScope _scope;
        private readonly RingCursor _cursor;
        private readonly uint* _evicted;
        private readonly uint _number;
        private byte* _next;
        private byte* _quickEnd;
        private byte* _message;
        private ulong _headerStart;

        internal Enumerator(RingConsumer consumer, ref readonly RingBatchScope scope)
        {
            _scope = ref scope;
            _cursor = consumer.Cursor;
            _cursor.Begin();
            _evicted = _cursor.Evicted;
            _number = _cursor.Number;
            _next = _cursor.Next;
            _quickEnd = _cursor.QuickEnd;
        }

        /// <summary>The message. Nothing of it can be kept beyond the loop's body.</summary>
        [UnscopedRef]
        public readonly RingMessage Current => new(in _scope, _cursor, _message, _headerStart);

        /// <summary>Goes on to the next message.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="RingEvictedException">The producer no longer waits for this consumer: the message before
        /// may have been overwritten while it was read.</exception>
        /// <exception cref="RingException">What the producer wrote is no message.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            // The step to a message without descriptors, without flags and not at the end: most of them.
            byte* at = _next;
            if (at < _quickEnd)
            {
                LoadFence.Pass(); // SYNC POINT: evicted
                ulong first = Volatile.Read(ref *(ulong*)at);
                byte* next = at + RawRingProducer.AlignUp(RingMessageHeader.SizeBytes + first);
                if (first <= uint.MaxValue && next <= _quickEnd && Volatile.Read(ref *_evicted) == 0)
                {
                    _cursor.Next = next;
                    _next = next;
                    _message = at;
                    _headerStart = first;
                    return true;
                }
            }

            bool isThere = _cursor.MoveNext();
            _next = _cursor.Next;
            _quickEnd = _cursor.QuickEnd;
            _headerStart = _cursor.HeaderStart;
            _message = _cursor.Message;
            return isThere;
        }

        /// <summary>Ends the batch: the producer may write again where its messages were.</summary>
        public readonly void Dispose() => _cursor?.End(_number);
    }
}
