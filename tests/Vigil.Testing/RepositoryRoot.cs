namespace Vigil.Testing;

/// <summary>Where the repository lies, found by walking up from the test assembly.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>The absolute path of the folder that holds <c>Vigil.slnx</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">The tests do not run from inside the repository.</exception>
    public static string Path => Found.Value;

    /// <summary>The absolute path of something in the repository.</summary>
    /// <param name="parts">The way there from the root.</param>
    public static string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Vigil.slnx")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no Vigil.slnx in {AppContext.BaseDirectory} or above it");
    }
}
