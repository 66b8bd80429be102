namespace Vigil.Platform.Linux;

/// <summary>The settings of a terminal: termios(3). Immutable, therefore thread-safe.</summary>
public sealed class TerminalMode
{
    internal const int Bytes = 64;

    // struct termios of the C library on Linux: four flags of four bytes, the line discipline, then the characters.
    private const int LocalFlagsOffset = 12;
    private const int CharactersOffset = 17;
    private const int VTIME = 5;
    private const int VMIN = 6;
    private const uint ICANON = 0x2;
    private const uint ECHO = 0x8;

    private readonly byte[] _settings;

    internal TerminalMode(byte[] settings) => _settings = settings;

    internal ReadOnlySpan<byte> Settings => _settings;

    /// <summary>The same, but every key is there at once and none is shown; Ctrl-C and Ctrl-Z stay what they are.
    /// </summary>
    /// <returns>The other settings.</returns>
    public TerminalMode ForKeys()
    {
        byte[] settings = [.. _settings];
        uint flags = BitConverter.ToUInt32(settings, LocalFlagsOffset) & ~(ICANON | ECHO);
        BitConverter.TryWriteBytes(settings.AsSpan(LocalFlagsOffset), flags);
        settings[CharactersOffset + VTIME] = 0;
        settings[CharactersOffset + VMIN] = 1;
        return new TerminalMode(settings);
    }
}
