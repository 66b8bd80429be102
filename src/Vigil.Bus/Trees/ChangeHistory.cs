using Vigil.Bus.Records;

namespace Vigil.Bus.Trees;

/// <summary>
/// The last changes of a tree, as records in a ring of bytes: it grows up to a bound, and then the oldest make room.
/// Not thread-safe.
/// </summary>
/// <remarks>A record lies in one piece; what is left before the physical end is passed over, marked by a length of
/// 0.</remarks>
internal sealed class ChangeHistory(int maxBytes) : IRecordSink
{
    private const int FirstBytes = 64 << 10;

    // Every so many records one is noted: a search goes from the last noted before, and not through everything.
    private const int RecordsANote = 256;

    private readonly List<(long Number, long At)> _notes = [];
    private int _notesGone;
    private long _written;

    private byte[] _bytes = [];

    // Where the oldest record begins and where the next goes, in bytes that only grow.
    private long _tail;
    private long _head;
    private int _begun;

    /// <summary>The number of the last record that made room: all after it are there.</summary>
    internal long LastGone { get; set; }

    /// <summary>How many records there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Bytes of memory that it has taken.</summary>
    internal int CapacityBytes => _bytes.Length;

    /// <summary>The record that was written last. Valid until the next.</summary>
    internal ChangeRecord Last
    {
        get
        {
            _ = ChangeRecord.TryRead(_bytes.AsSpan((int)((_head - _begun) % _bytes.Length), _begun), out var record);
            return record;
        }
    }

    public Span<byte> Begin(int bytes)
    {
        _begun = bytes;
        while (true)
        {
            int at = _bytes.Length == 0 ? 0 : (int)(_head % _bytes.Length);
            int skipped = _bytes.Length - at >= bytes ? 0 : _bytes.Length - at;
            if (_bytes.Length > 0 && _head + skipped + bytes - _tail <= _bytes.Length)
            {
                if (skipped > 0)
                {
                    _bytes.AsSpan(at, sizeof(uint)).Clear();
                    _head += skipped;
                }

                return _bytes.AsSpan((int)(_head % _bytes.Length), bytes);
            }

            MakeRoom(bytes);
        }
    }

    public void End()
    {
        long at = _head;
        _head += _begun;
        Count++;
        if (_written++ % RecordsANote == 0)
        {
            _notes.Add((Last.Number, at));
        }
    }

    /// <summary>A copy of the records after a number that are there.</summary>
    internal byte[] CopyAfter(long number) => _bytes.Length == 0 ? [] : Copy(Find(number + 1));

    private byte[] Copy(long from)
    {
        byte[] copy = new byte[_head - from];
        int length = 0;
        while (from < _head)
        {
            // Up to the physical end, or to where it was passed over.
            ReadOnlySpan<byte> bytes = At(from).Bytes;
            bytes.CopyTo(copy.AsSpan(length));
            length += bytes.Length;
            from = Next(from, bytes.Length);
        }

        return length == copy.Length ? copy : copy[..length];
    }

    // The first record from a number on.
    private long Find(long number)
    {
        int after = _notesGone;
        for (int low = _notesGone, high = _notes.Count; low < high;)
        {
            int middle = low + ((high - low) / 2);
            (low, high) = _notes[middle].Number <= number ? (middle + 1, high) : (low, middle);
            after = low;
        }

        long at = after > _notesGone ? _notes[after - 1].At : _tail;
        while (at < _head && At(at) is { } record && record.Number < number)
        {
            at = Next(at, record.Bytes.Length);
        }

        return at;
    }

    private ChangeRecord At(long at)
    {
        _ = ChangeRecord.TryRead(_bytes.AsSpan((int)(at % _bytes.Length)), out ChangeRecord record);
        return record;
    }

    private long Next(long at, int bytes)
    {
        at += bytes;
        int physical = (int)(at % _bytes.Length);
        bool isPassedOver = at < _head
            && (_bytes.Length - physical < sizeof(uint) || BitConverter.ToUInt32(_bytes, physical) == 0);
        return isPassedOver ? at + _bytes.Length - physical : at;
    }

    private void MakeRoom(int bytes)
    {
        if (_bytes.Length < maxBytes || Count == 0)
        {
            long wanted = Math.Max(Math.Max(FirstBytes, 2L * _bytes.Length), 2L * bytes);
            byte[] copy = Count == 0 ? [] : Copy(_tail);
            _bytes = new byte[Math.Max(Math.Min(wanted, maxBytes), bytes)];
            copy.CopyTo(_bytes, 0);
            _tail = 0;
            _head = copy.Length;
            NoteAgain();
            return;
        }

        ChangeRecord gone = At(_tail);
        LastGone = gone.Number;
        _tail = Next(_tail, gone.Bytes.Length);
        Count--;
        while (_notesGone < _notes.Count && _notes[_notesGone].At < _tail)
        {
            _notesGone++;
        }

        if (_notesGone > RecordsANote)
        {
            _notes.RemoveRange(0, _notesGone);
            _notesGone = 0;
        }
    }

    // The records lie elsewhere.
    private void NoteAgain()
    {
        _notes.Clear();
        _notesGone = 0;
        _written = 0;
        for (long at = _tail; at < _head;)
        {
            ChangeRecord record = At(at);
            if (_written++ % RecordsANote == 0)
            {
                _notes.Add((record.Number, at));
            }

            at = Next(at, record.Bytes.Length);
        }
    }
}
