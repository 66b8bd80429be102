namespace Vigil.Compare.RingPeer.Rings;

/// <summary>A folder for a socket, removed at the end.</summary>
internal sealed class MeetingPlace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ring-peer-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "ring");

    public void Dispose() => _folder.Delete(recursive: true);
}
