using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Vigil.Rings;

namespace Vigil.Native.Zbq.Tests;

/// <summary>zbq.h says what the library is: its functions, its structures, its numbers.</summary>
public sealed partial class HeaderTests
{
    // What the runtime exports besides, for debuggers.
    private const string DebuggerSymbol = "DotNetRuntimeDebugHeader";

    [Theory]
    [InlineData("gcc", "-std=c11", "c")]
    [InlineData("gcc", "-std=c17", "c")]
    [InlineData("g++", "-std=c++11", "c++")]
    [InlineData("g++", "-std=c++20", "c++")]
    public void Every_compiler_is_content(string compiler, string standard, string language) => NativeProgram.Run(
        compiler, standard, "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only",
        "-x", language, "-include", PublishedLibrary.Header, "/dev/null");

    [Fact]
    public void The_header_declares_what_the_library_exports()
    {
        string[] exported = [.. ChildProcess.Shell($"nm -D --defined-only '{PublishedLibrary.Path}'")
            .Select(line => line.Split(' '))
            .Where(words => words is [_, "T" or "D" or "B" or "R", _])
            .Select(words => words[2].Split('@')[0])
            .Where(name => name != DebuggerSymbol)
            .Order(StringComparer.Ordinal)];
        Assert.Equal(Declared, exported);
        Assert.Equal(26, exported.Length);
    }

    [Fact]
    public void The_header_that_is_published_is_the_one_that_is_tested() => Assert.Equal(
        File.ReadAllText(PublishedLibrary.Header),
        File.ReadAllText(Path.Combine(PublishedLibrary.Directory, "include", "zbq.h")));

    [Fact]
    public void The_functions_of_the_interface_come_before_the_extensions()
    {
        string text = File.ReadAllText(PublishedLibrary.Header);
        int extensions = text.IndexOf("/* ---- Extensions", StringComparison.Ordinal);
        string[] own = [.. Function().Matches(text).Where(match => match.Index > extensions)
            .Select(match => match.Groups[1].Value)];
        Assert.Equal(
            [
                "zbq_producer_reserve", "zbq_producer_set_slow_timeout", "zbq_consumer_peek_batch",
                "zbq_consumer_wait_broadcast_for",
                "zbq_consumer_is_producer_connected", "zbq_consumer_evicted",
            ],
            own);
        Assert.Equal(20, Declared.Length - own.Length);
    }

    [Fact]
    public unsafe void The_structures_are_those_of_the_library()
    {
        string[] compiled = Compiled;
        ExpectStructure<RingControl>(
            compiled, "zbq_control_region", 64,
            ("producer_head", "Head"), ("broadcast_futex", "Broadcast"), ("producer_pid", "ProducerProcessId"),
            ("ring_capacity", "CapacityBytes"), ("clog_threshold", "ClogThreshold"),
            ("stall_timeout_ns", "StallTimeoutNs"));
        ExpectStructure<RingConsumerPage>(
            compiled, "zbq_consumer_metadata", 4096,
            ("tail_offset", "Tail"), ("progress_timestamp", "ProgressNs"), ("join_baseline", "JoinBaselineNs"));
        ExpectStructure<RingMessageHeader>(
            compiled, "zbq_msg_header", 16,
            ("payload_len", "PayloadBytes"), ("fd_count", "DescriptorCount"), ("flags", "Flags"),
            ("reserved", "Reserved"), ("seq_id", "SequenceId"));
        ExpectStructure<RingParameters>(
            compiled, "zbq_producer_params", 8,
            ("ring_capacity", "CapacityBytes"), ("clog_threshold", "ClogThreshold"),
            ("stall_timeout_ns", "StallTimeoutNs"), ("max_consumers", "MaxConsumers"));
        ExpectStructure<RingRun>(
            compiled, "zbq_contiguous_run", 8, ("base", "Base"), ("max_bytes", "MaxBytes"), ("offset", "Offset"));
        ExpectStructure<RingMessageView>(
            compiled, "zbq_msg_view", 8,
            ("header", "Header"), ("payload", "Payload"), ("payload_len", "PayloadBytes"),
            ("logical_offset", "Offset"), ("total_len", "TotalBytes"));
        ExpectStructure<RingJoinMessage>(
            compiled, "zbq_join_payload", 8,
            ("ring_capacity", "CapacityBytes"), ("join_baseline", "JoinBaselineNs"), ("initial_head", "InitialHead"),
            ("producer_pid", "ProducerProcessId"), ("slot_index", "SlotIndex"), ("wakeup_mode", "WakeMode"));
    }

    [Theory]
    [InlineData("ZBQ_MAX_FD_PER_MSG", 253)]
    [InlineData("ZBQ_MSG_ALIGN", RingMessageHeader.AlignmentBytes)]
    [InlineData("ZBQ_MSG_PADDING", RingMessageHeader.PaddingFlag)]
    [InlineData("ZBQ_OK", (int)RingStatus.Ok)]
    [InlineData("ZBQ_ERROR_INVALID", (int)RingStatus.Invalid)]
    [InlineData("ZBQ_ERROR_NOMEM", (int)RingStatus.NoMemory)]
    [InlineData("ZBQ_ERROR_AGAIN", (int)RingStatus.Again)]
    [InlineData("ZBQ_ERROR_IO", (int)RingStatus.Io)]
    [InlineData("ZBQ_ERROR_PROTOCOL", (int)RingStatus.Protocol)]
    [InlineData("ZBQ_ERROR_OVERFLOW", (int)RingStatus.Overflow)]
    [InlineData("ZBQ_ERROR_NOENT", (int)RingStatus.NotFound)]
    [InlineData("ZBQ_WAKEUP_PUSH", (int)RingWakeMode.Push)]
    [InlineData("ZBQ_WAKEUP_PULL", (int)RingWakeMode.Pull)]
    [InlineData("ZBQ_COMMIT_NONE", (int)RingCommitFlags.None)]
    [InlineData("ZBQ_COMMIT_FORCE_SCAN", (int)RingCommitFlags.ForceScan)]
    [InlineData("ZBQ_EVICTED_NOT", (int)RingEvictionReason.None)]
    [InlineData("ZBQ_EVICTED_GONE", (int)RingEvictionReason.Gone)]
    [InlineData("ZBQ_EVICTED_STALLED", (int)RingEvictionReason.Stalled)]
    [InlineData("ZBQ_EVICTED_CORRUPT", (int)RingEvictionReason.Corrupt)]
    [InlineData("ZBQ_EVICTED_TOO_SLOW", (int)RingEvictionReason.TooSlow)]
    [InlineData("ZBQ_EVICTED_FDS_UNREAD", (int)RingEvictionReason.DescriptorsUnread)]
    public void The_numbers_are_those_of_the_library(string name, int value) =>
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{name} {value}"), Compiled);

    [Fact]
    public void There_is_a_name_for_every_status_and_every_reason()
    {
        Assert.Equal(Enum.GetValues<RingStatus>().Length, Count("ZBQ_OK", "ZBQ_ERROR_"));
        Assert.Equal(Enum.GetValues<RingEvictionReason>().Length, Count("ZBQ_EVICTED_"));
        Assert.Equal(Enum.GetValues<RingWakeMode>().Length, Count("ZBQ_WAKEUP_"));
        Assert.Equal(Enum.GetValues<RingCommitFlags>().Length, Count("ZBQ_COMMIT_"));
    }

    private static string[] Compiled => [.. ChildProcess.Shell(NativeProgram.Test("layout"))];

    private static string[] Declared => [.. Function().Matches(File.ReadAllText(PublishedLibrary.Header))
        .Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];

    private static int Count(params string[] prefixes) => Compiled.Count(
        line => prefixes.Any(prefix => line.StartsWith(prefix, StringComparison.Ordinal)));

    private static unsafe void ExpectStructure<T>(
        string[] compiled, string name, int alignment, params (string Field, string Ours)[] fields)
        where T : unmanaged
    {
        Assert.Contains($"{name} {sizeof(T)} {alignment}", compiled);
        Assert.Equal(fields.Length, compiled.Count(line => line.StartsWith(name + ".", StringComparison.Ordinal)));
        foreach ((string field, string ours) in fields)
        {
            FieldOffsetAttribute offset = typeof(T).GetField(ours)!.GetCustomAttribute<FieldOffsetAttribute>()!;
            Assert.Contains($"{name}.{field} {offset.Value}", compiled);
        }
    }

    // A function stands at the start of a line, with its type before it; those in comments do not.
    [GeneratedRegex(@"^(?:const )?\w+ \*?(zbq_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Function();
}
