using System.Runtime.InteropServices;
using Vigil.Platform.Linux;

namespace Vigil.IO.Tests;

/// <summary>The structures of io_uring are those of the kernel's header, as a C compiler lays them out.</summary>
public sealed class LayoutTests
{
    private static readonly string[] Entry =
    [
        Of<IoUringEntry>("opcode", nameof(IoUringEntry.Code)), Of<IoUringEntry>("flags", nameof(IoUringEntry.Flags)),
        Of<IoUringEntry>("ioprio", nameof(IoUringEntry.Priority)),
        Of<IoUringEntry>("fd", nameof(IoUringEntry.Descriptor)), Of<IoUringEntry>("off", nameof(IoUringEntry.Offset)),
        Of<IoUringEntry>("addr", nameof(IoUringEntry.Address)), Of<IoUringEntry>("len", nameof(IoUringEntry.Length)),
        Of<IoUringEntry>("rw_flags", nameof(IoUringEntry.OperationFlags)),
        Of<IoUringEntry>("user_data", nameof(IoUringEntry.UserData)),
        Of<IoUringEntry>("file_index", nameof(IoUringEntry.FileIndex)),
    ];

    private static readonly string[] Completion =
    [
        Of<IoUringCompletion>("user_data", nameof(IoUringCompletion.UserData)),
        Of<IoUringCompletion>("res", nameof(IoUringCompletion.Result)),
        Of<IoUringCompletion>("flags", nameof(IoUringCompletion.Flags)),
    ];

    private static readonly (string Name, long Value)[] Constants =
    [
        ("IORING_OP_NOP", (long)IoUringCode.Nop), ("IORING_OP_READV", (long)IoUringCode.ReadVector),
        ("IORING_OP_WRITEV", (long)IoUringCode.WriteVector), ("IORING_OP_FSYNC", (long)IoUringCode.Sync),
        ("IORING_OP_POLL_ADD", (long)IoUringCode.PollAdd), ("IORING_OP_ASYNC_CANCEL", (long)IoUringCode.AsyncCancel),
        ("IORING_OP_OPENAT", (long)IoUringCode.OpenAt), ("IORING_OP_CLOSE", (long)IoUringCode.Close),
        ("IORING_OP_READ", (long)IoUringCode.Read), ("IORING_OP_WRITE", (long)IoUringCode.Write),
        ("IOSQE_FIXED_FILE", (long)IoUringEntryFlags.FixedFile), ("IOSQE_IO_LINK", (long)IoUringEntryFlags.Link),
        ("IOSQE_IO_HARDLINK", (long)IoUringEntryFlags.HardLink), ("IOSQE_ASYNC", (long)IoUringEntryFlags.Async),
        ("IOSQE_CQE_SKIP_SUCCESS", (long)IoUringEntryFlags.SkipSuccess),
        ("IORING_SETUP_CQSIZE", (long)IoUringSetup.CompletionSize), ("IORING_SETUP_CLAMP", (long)IoUringSetup.Clamp),
        ("IORING_SETUP_R_DISABLED", (long)IoUringSetup.Disabled),
        ("IORING_SETUP_SUBMIT_ALL", (long)IoUringSetup.SubmitAll),
        ("IORING_SETUP_COOP_TASKRUN", (long)IoUringSetup.CooperativeTasks),
        ("IORING_SETUP_SINGLE_ISSUER", (long)IoUringSetup.SingleIssuer),
        ("IORING_SETUP_DEFER_TASKRUN", (long)IoUringSetup.DeferTasks),
        ("IORING_FEAT_SINGLE_MMAP", (long)IoUringFeatures.SingleMapping),
        ("IORING_FEAT_NODROP", (long)IoUringFeatures.NoDrop),
        ("IORING_FEAT_SUBMIT_STABLE", (long)IoUringFeatures.SubmitStable),
        ("IORING_FEAT_RW_CUR_POS", (long)IoUringFeatures.CurrentPosition),
        ("IORING_FEAT_EXT_ARG", (long)IoUringFeatures.ExtendedArgument),
        ("IORING_FEAT_CQE_SKIP", (long)IoUringFeatures.SkipSuccess),
    ];

    [Fact]
    public void They_are_those_of_the_header()
    {
        using var tree = new TempTree();
        string[] checks =
        [
            Check($"sizeof(struct io_uring_sqe) == {Marshal.SizeOf<IoUringEntry>()}"),
            Check($"sizeof(struct io_uring_cqe) == {Marshal.SizeOf<IoUringCompletion>()}"),
            .. Entry.Select(field => Check($"offsetof(struct io_uring_sqe, {field}")),
            .. Completion.Select(field => Check($"offsetof(struct io_uring_cqe, {field}")),
            .. Constants.Select(constant => Check($"{constant.Name} == {constant.Value}")),
        ];
        string source = tree.WriteFile(
            "layout.c", $"#include <stddef.h>\n#include <linux/io_uring.h>\n{string.Join('\n', checks)}\n");
        using ChildProcess compiler = ChildProcess.Start("gcc", "-fsyntax-only", source);
        Assert.True(compiler.WaitForExit() == 0, string.Join('\n', compiler.Errors.Lines));

        static string Check(string condition) => $"_Static_assert({condition}, \"layout\");";
    }

    // "FIELD) == OFFSET": the end of a comparison.
    private static string Of<T>(string field, string name) => $"{field}) == {Marshal.OffsetOf<T>(name)}";
}
