namespace Vigil.Platform.Linux;

/// <summary>The directory that relative paths start at: getcwd(3). It may have been deleted, then there is
/// none.</summary>
public static class CurrentDirectory
{
    /// <summary>Its absolute path, or null where it was deleted or cannot be reached.</summary>
    public static string? Path
    {
        get
        {
            try
            {
                return Environment.CurrentDirectory;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Makes a path absolute, without <c>.</c>, <c>..</c> and a slash at the end.</summary>
    /// <param name="path">The path; an absolute one does not need a current directory.</param>
    /// <returns>The absolute path. Nothing has to be there.</returns>
    /// <exception cref="VigilException">ENOENT: the path is relative, and the current directory was
    /// deleted.</exception>
    /// <exception cref="ArgumentException">The path is empty or has a NUL in it.</exception>
    public static string Resolve(string path)
    {
        try
        {
            return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw VigilException.Create("getcwd", ErrnoTable.ENOENT, path);
        }
    }
}
