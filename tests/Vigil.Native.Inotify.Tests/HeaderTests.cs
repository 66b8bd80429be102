using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Vigil.Watching;

namespace Vigil.Native.Inotify.Tests;

/// <summary>vigil.h says what the library is: its functions, its structures, its numbers.</summary>
public sealed partial class HeaderTests
{
    // What the runtime exports besides, for debuggers.
    private const string DebuggerSymbol = "DotNetRuntimeDebugHeader";

    private static readonly Lazy<string[]> Compiled =
        new(() => [.. Installed.Run(Installed.TestProgram("layout"), [])]);

    [Theory]
    [InlineData("gcc", "-std=c11", "c")]
    [InlineData("gcc", "-std=c17", "c")]
    [InlineData("g++", "-std=c++11", "c++")]
    [InlineData("g++", "-std=c++17", "c++")]
    [InlineData("g++", "-std=c++20", "c++")]
    public void Every_compiler_is_content(string compiler, string standard, string language) => Installed.Run(
        compiler,
        [
            standard, "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wundef", "-Werror",
            "-fsyntax-only", "-x", language, "-include", Installed.Header, "/dev/null",
        ]);

    [Fact]
    public void The_header_declares_what_the_library_exports()
    {
        string[] exported = [.. ChildProcess.Shell($"nm -D --defined-only '{Installed.Library}'")
            .Select(line => line.Split(' '))
            .Where(words => words is [_, not "A", _])
            .Select(words => words[2].Split('@')[0])
            .Where(name => name != DebuggerSymbol)
            .Order(StringComparer.Ordinal)];
        string[] declared = [.. Function().Matches(File.ReadAllText(Installed.Header))
            .Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        Assert.Equal(declared, exported);
        Assert.Contains("watch", exported);
        Assert.Equal(25, exported.Length);
    }

    [Fact]
    public void The_header_that_is_installed_is_the_one_of_the_source() => Assert.Equal(
        File.ReadAllText(RepositoryRoot.Combine("src", "Vigil.Native.Inotify", "include", "vigil.h")),
        File.ReadAllText(Installed.Header));

    [Theory]
    [InlineData("vigil_change", typeof(NativeChange), 12)]
    [InlineData("vigil_tree_options", typeof(NativeOptions), 11)]
    [InlineData("vigil_position", typeof(NativePosition), 2)]
    [InlineData("vigil_bus_change", typeof(NativeBusChange), 5)]
    [InlineData("vigil_bus_options", typeof(NativeBusOptions), 15)]
    [InlineData("struct inotify_event", typeof(InotifyEvent), 4)]
    public void The_structures_are_those_of_the_library(string name, Type type, int count)
    {
        (string Name, int Offset)[] ours = [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public)
            .Select(field => (field.Name, field.GetCustomAttribute<FieldOffsetAttribute>()!.Value))
            .OrderBy(field => field.Value)];
        string[] fields = [.. Compiled.Value.Where(line => line.StartsWith(name + ".", StringComparison.Ordinal))];
        Assert.Contains($"{name} {Marshal.SizeOf(type)}", Compiled.Value);
        Assert.Equal(ours.Select(field => $"{field.Offset}"), fields.Select(line => line.Split(' ')[^1]));
        Assert.Equal(
            ours.Select(field => CNameOf(field.Name)),
            fields.Select(line => line[(name.Length + 1)..].Split(' ')[0]));
        Assert.Equal(count, ours.Length);
    }

    [Fact]
    public void The_numbers_are_those_of_the_library()
    {
        ExpectAll<FileChangeKind>("VIGIL_");
        ExpectAll<EntryType>("VIGIL_TYPE_");
        Expect("VIGIL_KINDS_ALL", (int)FileChangeKinds.All);
        Expect("VIGIL_KINDS_STRUCTURE", (int)FileChangeKinds.Structure);
        Expect("VIGIL_BACKEND_AUTO", (int)WatchBackend.Auto);
        Expect("VIGIL_BACKEND_INOTIFY", (int)WatchBackend.Inotify);
        Expect("VIGIL_BACKEND_POLL", (int)WatchBackend.Poll);
        Expect("VIGIL_CHANGE_INITIAL", NativeChange.InitialFlag);
        Expect("VIGIL_RECONNECT_FOREVER", NativeBusOptions.ReconnectForever);
        foreach (NativeBusOptions.BusFlags flag in Enum.GetValues<NativeBusOptions.BusFlags>().Where(flag => flag != 0))
        {
            Expect("VIGIL_BUS_" + $"{flag}".ToUpperInvariant(), (int)flag);
        }

        foreach (NativeOptions.TreeFlags flag in Enum.GetValues<NativeOptions.TreeFlags>().Where(flag => flag != 0))
        {
            Expect("VIGIL_TREE_" + Words().Replace($"{flag}", "_$1").ToUpperInvariant(), (int)flag);
        }
    }

    private static void ExpectAll<T>(string prefix)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            Expect(prefix + $"{value}".ToUpperInvariant(), Convert.ToInt32(value));
        }
    }

    private static void Expect(string name, long value) => Assert.Contains($"{name} {value}", Compiled.Value);

    // SettleMs is settle_ms; of the kernel's own structure, and of descriptors, the names are shorter.
    private static string CNameOf(string name) => name switch
    {
        "Watch" => "wd",
        "NameBytes" => "len",
        "Descriptor" => "fd",
        "DescriptorError" => "fd_error",
        _ => Words().Replace(name, "_$1").ToLowerInvariant(),
    };

    // A function stands at the start of a line, with its type before it; those in comments do not.
    [GeneratedRegex(@"^(?:const )?\w+ \*?(\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Function();

    [GeneratedRegex("(?<!^)([A-Z])")]
    private static partial Regex Words();
}
