namespace Vigil.Storm;

/// <summary>
/// Changes a tree at random: files, directories, chains, renames within and across directories, trees moved out and
/// back,
/// re-creation under the same name, exchanges, symbolic and hard links. Few names, so that workers meet.
/// </summary>
public sealed class StormWorker
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f", "g.txt", "h.txt", "i\nj", "ü"];

    private readonly Random _random;
    private readonly string _root;
    private readonly string _outside;

    /// <summary>Makes a worker.</summary>
    /// <param name="seed">What decides everything it does, but for the timing.</param>
    /// <param name="root">The watched directory.</param>
    /// <param name="outside">A directory on the same file system that is not watched.</param>
    public StormWorker(int seed, string root, string outside)
    {
        _random = new Random(seed);
        _root = root;
        _outside = outside;
    }

    /// <summary>Does a number of operations; those that the tree does not allow are skipped.</summary>
    /// <param name="operations">How many to try.</param>
    /// <returns>How many did something.</returns>
    public int Run(int operations)
    {
        int done = 0;
        for (int i = 0; i < operations; i++)
        {
            try
            {
                Step();
                done++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another worker was first, or the names do not fit: part of the storm.
            }
        }

        return done;
    }

    private void Step()
    {
        switch (_random.Next(100))
        {
            case < 22:
                File.WriteAllText(NewPath(), new string('x', _random.Next(64)));
                break;
            case < 30:
                File.AppendAllText(Existing(), "y");
                break;
            case < 40:
                Directory.CreateDirectory(Path.Combine(SomeDirectory(), Name(), Name(), Name()));
                break;
            case < 46:
                Directory.CreateDirectory(NewPath());
                break;
            case < 60:
                Libc.Rename(Existing(), NewPath());
                break;
            case < 66:
                Libc.Rename(Existing(), Path.Combine(_outside, Name()));
                break;
            case < 72:
                Libc.Rename(Path.Combine(_outside, Name()), NewPath());
                break;
            case < 80:
                Remove(Existing());
                break;
            case < 84:
                string again = SomeDirectory();
                if (again != _root)
                {
                    Directory.Delete(again, recursive: true);
                    Directory.CreateDirectory(again);
                    File.WriteAllText(Path.Combine(again, Name()), "again");
                }

                break;
            case < 87:
                Libc.Symlink(Name(), NewPath());
                break;
            case < 90:
                Libc.Link(Existing(), NewPath());
                break;
            case < 93:
                Libc.Exchange(Existing(), Existing());
                break;
            case < 96:
                Libc.Chmod(Existing(), _random.Next(2) == 0 ? 0x1ED : 0x1C0);
                break;
            default:
                string temporary = Path.Combine(SomeDirectory(), Name() + "~");
                File.WriteAllText(temporary, "saved");
                Libc.Rename(temporary, Existing());
                break;
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private string Name() => Names[_random.Next(Names.Length)];

    private string NewPath() => Path.Combine(SomeDirectory(), Name());

    private string SomeDirectory()
    {
        string directory = _root;
        for (int depth = _random.Next(5); depth > 0; depth--)
        {
            string next = Path.Combine(directory, Name());
            if (!Directory.Exists(next) || new FileInfo(next).LinkTarget is not null)
            {
                break;
            }

            directory = next;
        }

        return directory;
    }

    private string Existing()
    {
        string directory = SomeDirectory();
        string[] entries = Directory.GetFileSystemEntries(directory);
        return entries.Length == 0 ? Path.Combine(directory, Name()) : entries[_random.Next(entries.Length)];
    }
}
