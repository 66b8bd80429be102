namespace Vigil.Native.Zbq.Tests;

/// <summary>The library as it is published, the one that a C program is linked with.</summary>
internal static class PublishedLibrary
{
    internal static string Directory { get; } = RepositoryRoot.Combine("artifacts", "publish", "libzbq");

    internal static string Header { get; } =
        RepositoryRoot.Combine("src", "Vigil.Native.Zbq", "include", "zbq.h");

    internal static string Path
    {
        get
        {
            string path = System.IO.Path.Combine(Directory, "libzbq.so");
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException(
                    $"the library is not at {path}: run ./test, which publishes it", path);
        }
    }
}
