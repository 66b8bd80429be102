using System.Reflection;

namespace Vigil.Repository.Tests;

/// <summary>The library projects under src, and their assemblies as they were built for the tests.</summary>
internal static class Libraries
{
    /// <summary>All projects under src, by name.</summary>
    internal static IEnumerable<string> Projects =>
        SourceFile.All
            .Where(file => file.IsIn("src") && file.Name.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file.Name));

    /// <summary>Those that are libraries: all but the ceilings, on which nothing can be built.</summary>
    internal static IEnumerable<string> Names => Projects.Where(project => !Layers.IsCeiling(project));

    internal static Assembly Load(string name) =>
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, name + ".dll"));

    internal static TheoryData<string> Theory => [.. Names];
}
