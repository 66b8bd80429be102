using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vigil.Rings.Tests;

/// <summary>
/// Every struct that other processes share has the fields, offsets and size of zbq's C API (and of what Vigil puts into
/// bytes that zbq reserves), and no other field.
/// </summary>
public sealed class LayoutTests
{
    public static TheoryData<Type, int, string> Structs => new()
    {
        { typeof(RingControl), 256, "Head 0 8, Broadcast 64 4, ProducerProcessId 128 4, CapacityBytes 192 8, "
            + "ClogThreshold 200 8, StallTimeoutNs 208 8" },
        { typeof(RingConsumerPage), 4096, "Tail 0 8, ProgressNs 8 8, JoinBaselineNs 16 8, Waiting 128 4, "
            + "Evicted 192 4" },
        { typeof(RingMessageHeader), 16, "PayloadBytes 0 4, DescriptorCount 4 1, Flags 5 1, Reserved 6 2, "
            + "SequenceId 8 8" },
        { typeof(RingJoinMessage), 64, "CapacityBytes 0 8, JoinBaselineNs 8 8, InitialHead 16 8, "
            + "ProducerProcessId 24 4, SlotIndex 28 4, WakeMode 32 4" },
        { typeof(RingParameters), 32, "CapacityBytes 0 8, ClogThreshold 8 8, StallTimeoutNs 16 8, MaxConsumers 24 4" },
        { typeof(RingRun), 24, "Base 0 8, MaxBytes 8 8, Offset 16 8" },
        { typeof(RingMessageView), 40, "Header 0 8, Payload 8 8, PayloadBytes 16 8, Offset 24 8, TotalBytes 32 8" },
    };

    [Theory]
    [MemberData(nameof(Structs))]
    public void A_shared_struct_lies_in_memory_as_the_C_API_has_it(Type type, int sizeBytes, string fields)
    {
        MethodInfo sizeOf = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type);
        Assert.Equal(sizeBytes, sizeOf.Invoke(null, null));
        Assert.Equal(fields, string.Join(", ", type
            .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .OrderBy(field => Marshal.OffsetOf(type, field.Name))
            .Select(field => $"{field.Name} {Marshal.OffsetOf(type, field.Name)} {SizeOf(field.FieldType)}")));
    }

    [Theory]
    [InlineData(RingStatus.Ok, 0)]
    [InlineData(RingStatus.Invalid, -1)]
    [InlineData(RingStatus.NoMemory, -2)]
    [InlineData(RingStatus.Again, -3)]
    [InlineData(RingStatus.Io, -4)]
    [InlineData(RingStatus.Protocol, -5)]
    [InlineData(RingStatus.Overflow, -6)]
    [InlineData(RingStatus.NotFound, -7)]
    public void A_status_has_the_number_of_the_C_API(RingStatus status, int number) =>
        Assert.Equal(number, (int)status);

    [Fact]
    public void Modes_and_flags_have_the_numbers_of_the_C_API()
    {
        Assert.Equal([0, 1], [(int)RingWakeMode.Push, (int)RingWakeMode.Pull]);
        Assert.Equal([0, 1], [(int)RingCommitFlags.None, (int)RingCommitFlags.ForceScan]);
    }

    private static int SizeOf(Type type) => type.IsPointer ? nint.Size : Marshal.SizeOf(type);
}
