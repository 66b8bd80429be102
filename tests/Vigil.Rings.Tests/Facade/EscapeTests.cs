using System.Runtime.InteropServices;

namespace Vigil.Rings.Tests;

/// <summary>The compiler lets nothing of a message out of the loop over its batch.</summary>
public sealed class EscapeTests : IDisposable
{
    private const string Reference = "foreach (RingMessage message in consumer.ReadBatch())";

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("byte[] kept = []; " + Reference + " kept = message.Payload.ToArray();", "")]
    [InlineData(Reference + " { ReadOnlySpan<byte> inside = message.Payload; Console.WriteLine(inside.Length); }", "")]
    [InlineData("RingMessage kept = default; " + Reference + " kept = message;", "CS8352")]
    [InlineData("ReadOnlySpan<byte> kept = default; " + Reference + " kept = message.Payload;", "CS8352")]
    [InlineData(Reference + " { await Task.Yield(); Console.WriteLine(message.Payload.Length); }", "CS4007")]
    [InlineData("RingBatch kept = default; kept = consumer.ReadBatch();", "CS8156")]
    [InlineData("List<RingMessage> kept = []; " + Reference + " kept.Add(message);", "CS9244")]
    [InlineData(Reference + " Task.Run(() => message.Payload.Length);", "CS8175")]
    public void A_message_stays_in_its_loop(string body, string error)
    {
        string program = _tree.WriteFile("Program.cs", $$"""
            using System; using System.Collections.Generic; using System.Threading.Tasks; using Vigil.Rings;
            internal static class Program
            {
                private static async Task Read(RingConsumer consumer) { await Task.Yield(); {{body}} }
            }
            """);
        string output = Compile(program);
        if (error.Length == 0)
        {
            Assert.DoesNotContain("error", output, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"error {error}", output, StringComparison.Ordinal);
        }
    }

    private string Compile(string program)
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        string root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        string compiler = Directory
            .GetFiles(Path.Combine(root, "sdk"), "csc.dll", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Last();
        IEnumerable<string> references = Directory.GetFiles(runtime, "System*.dll")
            .Append(typeof(RingConsumer).Assembly.Location)
            .Append(typeof(VigilException).Assembly.Location)
            .Select(path => "-r:" + path);
        using ChildProcess csc = ChildProcess.Start(
            Path.Combine(root, "dotnet"),
            [
                "exec", compiler, "-nologo", "-target:library", "-nostdlib", $"-out:{_tree.At("out.dll")}",
                .. references, program,
            ],
            _tree.Path);
        int status = csc.WaitForExit();
        string output = string.Join('\n', csc.Output.Lines.Concat(csc.Errors.Lines));
        Assert.True(output.Contains("error", StringComparison.Ordinal) == (status != 0), $"status {status}: {output}");
        return output;
    }
}
