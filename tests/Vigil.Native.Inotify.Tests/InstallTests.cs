namespace Vigil.Native.Inotify.Tests;

/// <summary><c>./install</c>: what is where, what a compiler and a linker make of it, and that it goes again.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("libinotify")]
    [InlineData("libzbq")]
    public void A_program_is_linked_with_a_version_and_finds_it(string name)
    {
        string library = Path.Combine(Installed.Prefix, "lib", name + ".so");
        Assert.Equal($"{name}.so.0", new FileInfo(library).LinkTarget);
        Assert.Equal($"{name}.so.{Installed.Version}", new FileInfo(library + ".0").LinkTarget);
        Assert.Contains(
            ChildProcess.Shell($"readelf -d '{library}'"),
            line => line.Contains("(SONAME)") && line.Contains($"[{name}.so.0]"));
        Assert.Equal([Installed.Version], Installed.Run("pkg-config", ["--modversion", name]));

        string source = _tree.WriteFile("program.c", name == "libinotify"
            ? "#include <vigil.h>\nint main(void) { return vigil_version()[0] == '\\0'; }\n"
            : "#include <zbq.h>\nint main(void) { zbq_producer_destroy(NULL); return 0; }\n");
        string program = _tree.At("program");
        string flags = $"$(pkg-config --cflags {name}) {source} -o {program} $(pkg-config --libs {name})";
        _ = Installed.Run("sh", ["-ec", $"gcc -Wall -Werror {flags}"]);
        Assert.Contains(
            ChildProcess.Shell($"readelf -d '{program}'"),
            line => line.Contains("(NEEDED)") && line.Contains($"[{name}.so.0]"));
        _ = Installed.Run(program, []);
    }

    [Fact]
    public void The_command_that_is_installed_runs() =>
        _ = Installed.Run(Path.Combine(Installed.Prefix, "bin", "vigil"), ["--version"]);

    [Fact]
    public void It_honours_destdir_and_libdir_and_uninstall_leaves_no_file()
    {
        string[] arguments = ["--prefix=/opt/vigil", "--libdir", "/opt/vigil/lib64"];
        IReadOnlyList<string> installed = Install(arguments);
        Assert.Equal(installed.Count, Files.Length);
        Assert.Equal(installed.Order(StringComparer.Ordinal), Files);
        Assert.Contains("/opt/vigil/bin/vigil", installed);
        Assert.Contains("/opt/vigil/lib64/pkgconfig/libzbq.pc", installed);
        Assert.Contains(
            "libdir=/opt/vigil/lib64", File.ReadAllLines(_tree.At("opt/vigil/lib64/pkgconfig/libinotify.pc")));

        _tree.WriteFile("opt/vigil/lib64/of-another");
        Assert.Equal(
            installed.Order(StringComparer.Ordinal),
            Install([.. arguments, "--uninstall"]).Order(StringComparer.Ordinal));
        Assert.Equal(["/opt/vigil/lib64/of-another"], Files);
    }

    [Fact]
    public void A_prefix_with_a_space_is_one_path_to_a_compiler()
    {
        _ = Install(["--prefix", "/opt/our own"]);
        string pages = _tree.At("opt/our own/lib/pkgconfig");
        string flags = Assert.Single(
            ChildProcess.Shell($"PKG_CONFIG_PATH='{pages}' pkg-config --cflags --libs libinotify"));
        Assert.Equal(@"-I/opt/our\ own/include -L/opt/our\ own/lib -linotify", flags.Trim());
    }

    [Fact]
    public void What_it_does_not_understand_it_says()
    {
        using ChildProcess run = ChildProcess.Start(RepositoryRoot.Combine("install"), "--frobnicate");
        Assert.Equal(2, run.WaitForExit());
        Assert.Contains(run.Errors.Lines, line => line.Contains("./install --prefix DIR", StringComparison.Ordinal));
    }

    private string[] Files => [.. Directory.EnumerateFiles(_tree.Path, "*", SearchOption.AllDirectories)
        .Select(path => path[_tree.Path.Length..]).Order(StringComparer.Ordinal)];

    private IReadOnlyList<string> Install(string[] arguments)
    {
        using ChildProcess run = ChildProcess.Start(
            RepositoryRoot.Combine("install"),
            arguments,
            workingDirectory: null,
            new Dictionary<string, string?> { ["DESTDIR"] = _tree.Path });
        Assert.True(run.WaitForExit(TimeSpan.FromMinutes(5)) == 0, string.Join('\n', run.Errors.Lines));
        return run.Output.Lines;
    }
}
