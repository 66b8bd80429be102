using System.Text;
using Vigil.Watching;

namespace Vigil.Cli.Printing;

/// <summary>
/// The text that goes with a mask, made once: events carry few different masks, and usually the one of the event
/// before. For one thread.
/// </summary>
internal sealed class MaskTexts(Func<InotifyMask, string> write)
{
    private const int MaxTexts = 256;
    private readonly Dictionary<uint, byte[]> _texts = [];
    private uint _lastMask;
    private byte[]? _lastText;

    /// <summary>The text of a mask.</summary>
    public ReadOnlySpan<byte> Of(InotifyMask mask)
    {
        if (_lastText is null || _lastMask != (uint)mask)
        {
            _lastText = Find(mask);
            _lastMask = (uint)mask;
        }

        return _lastText;
    }

    private byte[] Find(InotifyMask mask)
    {
        if (!_texts.TryGetValue((uint)mask, out byte[]? text))
        {
            text = Encoding.UTF8.GetBytes(write(mask));
            if (_texts.Count < MaxTexts)
            {
                _texts.Add((uint)mask, text);
            }
        }

        return text;
    }
}
