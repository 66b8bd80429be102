using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Vigil.Repository.Tests;

/// <summary>Dependencies point down, in the project files and in what the compiler made of them.</summary>
public sealed partial class LayerTests
{
    private const BindingFlags Everything = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Static | BindingFlags.Instance;

    public static TheoryData<string> Libraries => Repository.Tests.Libraries.Theory;

    [Fact]
    public void Every_project_has_a_floor()
    {
        string[] homeless = [.. Repository.Tests.Libraries.Projects.Where(project => Layers.FloorOf(project) < 0)];
        Assert.True(homeless.Length == 0, $"say in Layers.cs on which floor they stand: {string.Join(", ", homeless)}");
    }

    [Fact]
    public void Project_references_point_down() => Violations.Expect(
        from file in SourceFile.All
        where file.IsIn("src") && file.Name.EndsWith(".csproj", StringComparison.Ordinal)
        let project = Path.GetFileNameWithoutExtension(file.Name)
        from reference in XDocument.Parse(file.Text).Descendants("ProjectReference")
        let other = Path.GetFileNameWithoutExtension(((string?)reference.Attribute("Include") ?? "").Replace('\\', '/'))
        where !Layers.MayKnow(project, other)
        select $"{file.Path}: {project} must not know {other}; move what both need down, or what knows both up");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Assembly_references_point_down(string library) => Violations.Expect(
        from reference in Repository.Tests.Libraries.Load(library).GetReferencedAssemblies()
        where reference.Name!.StartsWith("Vigil.", StringComparison.Ordinal) && !Layers.MayKnow(library, reference.Name)
        select $"{library} must not know {reference.Name}");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Friends_are_a_projects_own_tests_and_the_benchmarks(string library) => Violations.Expect(
        from friend in Repository.Tests.Libraries.Load(library).GetCustomAttributes<InternalsVisibleToAttribute>()
        where friend.AssemblyName != library + ".Tests" && friend.AssemblyName != "Vigil.Benchmarks"
        select $"{library} shows its internals to {friend.AssemblyName}; make public what another project needs");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Only_the_platform_calls_native_code(string library) => Violations.Expect(
        from type in Repository.Tests.Libraries.Load(library).GetTypes()
        from method in type.GetMethods(Everything)
        where library != "Vigil.Platform" && method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)
        select $"{type.FullName}.{method.Name} calls native code; the call belongs in Vigil.Platform");

    [Fact]
    public void Imports_are_written_in_the_platform_only() => Violations.Expect(
        from file in SourceFile.Code
        where file.IsIn("src") && !file.IsIn("src/Vigil.Platform")
        from match in Import().Matches(file.Text)
        select $"{file.Path}: {match.Value}…] is banned here, use a function of Vigil.Platform");

    [GeneratedRegex(@"\[\s*(Library|Dll)Import\b")]
    private static partial Regex Import();
}
