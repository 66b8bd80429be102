namespace Vigil.Testing;

/// <summary>The command as it is published, the one that a person would run.</summary>
public static class PublishedBinary
{
    /// <summary>The absolute path of the published <c>vigil</c>.</summary>
    /// <exception cref="FileNotFoundException">It has not been published; the message says how to.</exception>
    public static string Path
    {
        get
        {
            string path = RepositoryRoot.Combine("artifacts", "publish", "vigil", "vigil");
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException(
                    $"the published command is not at {path}: run ./test, or ./vigil --help once, which publish it",
                    path);
        }
    }

    /// <summary>Starts the published command.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The running process; dispose it.</returns>
    public static ChildProcess Start(params string[] arguments) => ChildProcess.Start(Path, arguments);
}
