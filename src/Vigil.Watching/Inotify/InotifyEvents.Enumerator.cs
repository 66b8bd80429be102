using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>The decoder.</content>
public readonly ref partial struct InotifyEvents
{
    /// <summary>Goes through the events of one read. Not thread-safe.</summary>
    public ref struct Enumerator
    {
        private const uint AlignmentMask = sizeof(uint) - 1;

        private ReadOnlySpan<byte> _rest;
        private ReadOnlySpan<byte> _paddedName;
        private InotifyEventHeader _header;
        private bool _isAtEnd;

        internal Enumerator(ReadOnlySpan<byte> bytes) => _rest = bytes;

        /// <summary>The event, after <see cref="MoveNext"/> returned true.</summary>
        public readonly InotifyEvent Current => new(_header, _paddedName);

        /// <summary>
        /// Whether the enumeration ended at bytes that are no whole, well-formed event; <see cref="Rest"/> has them.
        /// </summary>
        public readonly bool IsTruncated => _isAtEnd && !_rest.IsEmpty;

        /// <summary>The bytes that were not enumerated yet.</summary>
        public readonly ReadOnlySpan<byte> Rest => _rest;

        /// <summary>Goes to the next event.</summary>
        /// <returns>False where there is none; then it stays false.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            ReadOnlySpan<byte> rest = _rest;
            if (rest.Length < InotifyHandle.EventHeaderBytes)
            {
                _isAtEnd = true;
                return false;
            }

            // Read once: what is checked is what is used, even if the bytes change meanwhile.
            InotifyEventHeader header = MemoryMarshal.Read<InotifyEventHeader>(rest);
            ReadOnlySpan<byte> afterHeader = rest[InotifyHandle.EventHeaderBytes..];
            if (header.Length > (uint)afterHeader.Length || (header.Length & AlignmentMask) != 0)
            {
                _isAtEnd = true;
                return false;
            }

            _header = header;
            _paddedName = afterHeader[..(int)header.Length];
            _rest = afterHeader[(int)header.Length..];
            return true;
        }
    }
}
