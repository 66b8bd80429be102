using System.Text;
using BenchmarkDotNet.Attributes;
using Vigil.Watching;

namespace Vigil.Benchmarks;

/// <summary>The tree in memory: 1,000 directories of 50 files; times are for one entry.</summary>
public class MirrorBenchmark
{
    private const int DirectoryCount = 1_000;
    private const int FilesPerDirectory = 50;
    private const int FileCount = DirectoryCount * FilesPerDirectory;
    private const int EntryCount = 1 + DirectoryCount + FileCount;
    private const int MoveCount = 10_000;

    private readonly byte[][] _directoryNames = Names("directory", DirectoryCount);
    private readonly byte[][] _fileNames = Names("file", FilesPerDirectory);
    private readonly byte[] _otherName = "renamed"u8.ToArray();
    private readonly byte[] _path = new byte[256];

    private readonly int[] _directories = new int[DirectoryCount];
    private readonly int[] _files = new int[FileCount];
    private Mirror _mirror = new();

    /// <summary>Makes the tree that the others look at.</summary>
    [GlobalSetup]
    public void Fill() => _mirror = Filled();

    /// <summary>A whole tree is added to an empty mirror; the bytes are what it takes to hold an entry.</summary>
    [Benchmark(OperationsPerInvoke = EntryCount)]
    public int Add()
    {
        Mirror mirror = Filled();
        Answer.Expect(EntryCount, mirror.Count, "entries");
        return mirror.Count;
    }

    /// <summary>Every file is found by its directory and name.</summary>
    [Benchmark(OperationsPerInvoke = FileCount)]
    public int Find()
    {
        int right = 0;
        for (int i = 0; i < FileCount; i++)
        {
            int found = _mirror.Find(_directories[i / FilesPerDirectory], _fileNames[i % FilesPerDirectory]);
            right += found == _files[i] ? 1 : 0;
        }

        Answer.Expect(FileCount, right, "files found");
        return right;
    }

    /// <summary>A directory with all in it gets another name in another directory, and its own again.</summary>
    [Benchmark(OperationsPerInvoke = MoveCount)]
    public int Move()
    {
        int parent = _mirror[_directories[0]].Parent;
        for (int i = 0; i < MoveCount; i += 2)
        {
            int moved = 1 + (i % (DirectoryCount - 1));
            _mirror.Move(_directories[moved], _directories[0], _otherName);
            _mirror.Move(_directories[moved], parent, _directoryNames[moved]);
        }

        Answer.Expect(EntryCount, _mirror.Count, "entries after the moves");
        Answer.Expect(_directories[^1], _mirror.Find(parent, _directoryNames[^1]), "the last directory");
        return _mirror.Count;
    }

    /// <summary>The path of every file is written.</summary>
    [Benchmark(OperationsPerInvoke = FileCount)]
    public long WritePath()
    {
        long bytes = 0;
        foreach (int file in _files)
        {
            int length = _mirror.PathLength(file);
            _mirror.WritePath(file, _path.AsSpan(0, length));
            bytes += length;
        }

        Answer.Expect((long)FileCount * "/srv/tree/directory0000/file0000".Length, bytes, "the bytes of the paths");
        return bytes;
    }

    private Mirror Filled()
    {
        Mirror mirror = new();
        int root = mirror.Add(Mirror.None, "/srv/tree"u8, EntryType.Directory);
        for (int d = 0; d < DirectoryCount; d++)
        {
            _directories[d] = mirror.Add(root, _directoryNames[d], EntryType.Directory);
            for (int f = 0; f < FilesPerDirectory; f++)
            {
                _files[(d * FilesPerDirectory) + f] = mirror.Add(_directories[d], _fileNames[f], EntryType.File);
            }
        }

        return mirror;
    }

    private static byte[][] Names(string stem, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Encoding.UTF8.GetBytes($"{stem}{i:0000}"))];
}
