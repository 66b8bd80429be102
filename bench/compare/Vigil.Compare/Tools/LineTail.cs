using System.Text;

namespace Vigil.Compare.Tools;

/// <summary>Reads the whole lines that were appended to a file since it was last asked.</summary>
internal sealed class LineTail(string path) : IDisposable
{
    private readonly FileStream _stream = new(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite, 1);
    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly MemoryStream _rest = new();

    public IEnumerable<string> ReadNew()
    {
        int length;
        while ((length = _stream.Read(_chunk)) > 0)
        {
            int start = 0;
            int end;
            while ((end = Array.IndexOf(_chunk, (byte)'\n', start, length - start)) >= 0)
            {
                _rest.Write(_chunk, start, end - start);
                start = end + 1;
                string line = Encoding.UTF8.GetString(_rest.GetBuffer(), 0, (int)_rest.Length);
                _rest.SetLength(0);
                yield return line;
            }

            _rest.Write(_chunk, start, length - start);
        }
    }

    public void Dispose() => _stream.Dispose();
}
