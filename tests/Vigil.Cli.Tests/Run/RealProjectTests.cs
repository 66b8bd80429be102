using Vigil.Testing;

namespace Vigil.Cli.Tests.Run;

/// <summary>What people run: the tests of a project, the bundler of a site.</summary>
public sealed class RealProjectTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(4);
    private readonly RunProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void The_tests_of_a_project_run_at_each_change()
    {
        _project.Write("global.json", """{ "test": { "runner": "Microsoft.Testing.Platform" } }""");
        _project.Write(
            "Sum.csproj",
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <NuGetAudit>false</NuGetAudit>
                <UseMicrosoftTestingPlatformRunner>true</UseMicrosoftTestingPlatformRunner>
                <TestingPlatformDotnetTestSupport>true</TestingPlatformDotnetTestSupport>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="xunit.v3" Version="3.2.2" /></ItemGroup>
            </Project>
            """);
        _project.Write(".gitignore", "bin/\nobj/\n");
        WriteTest(expected: 3);
        using ChildProcess run = _project.Start("-i", "*.cs", "--", "dotnet", "test");
        _ = run.Errors.WaitForLine(static line => line.Contains("failed with status"), "the test to fail", Long);
        WriteTest(expected: 4);
        _ = run.Errors.WaitForLine(static line => line.Contains("Test.cs modified"), "the change to be seen", Long);
        _ = run.Errors.WaitForLine(static line => line.Contains("ok after"), "the test to pass", Long);
        Assert.Equal(2, run.Errors.Lines.Count(static line => line.EndsWith(": dotnet test")));
        _project.End(run);
    }

    [Fact]
    public void A_site_is_built_at_each_change_and_what_it_builds_starts_nothing()
    {
        _project.Write("package.json", """{ "name": "site", "scripts": { "build": "node build.js" } }""");
        _project.Write(
            "build.js",
            """
            const fs = require('fs');
            fs.mkdirSync('dist', { recursive: true });
            const css = fs.readdirSync('css').sort().map(name => fs.readFileSync('css/' + name, 'utf8')).join('');
            fs.writeFileSync('dist/site.css', css.replace(/\s+/g, ' '));
            """);
        _project.Write("css/a.css", "a { color: red }\n");
        using ChildProcess run = _project.Start(
            "-i", "*.css", "-i", "*.js", "--exclude", "dist", "--", "npm", "run", "build");
        _ = run.Errors.WaitForLine(static line => line.Contains("ok after"), "the first build", Long);
        Assert.Equal("a { color: red } ", File.ReadAllText(_project.At("dist/site.css")));
        _project.Write("css/b.css", "b { color: blue }\n");
        _ = run.Errors.WaitForLine(static line => line.Contains("ok after"), "the second build", Long);
        Assert.Equal("a { color: red } b { color: blue } ", File.ReadAllText(_project.At("dist/site.css")));
        Assert.Equal(2, run.Errors.Lines.Count(static line => line.EndsWith(": npm run build")));
        _project.End(run);
    }

    private void WriteTest(int expected) => _project.Write(
        "Test.cs",
        $"public class Test {{ [Xunit.Fact] public void Sum() => Xunit.Assert.Equal({expected}, 2 + 2); }}\n");
}
