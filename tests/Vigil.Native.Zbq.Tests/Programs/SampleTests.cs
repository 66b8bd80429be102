namespace Vigil.Native.Zbq.Tests;

/// <summary>The samples in C and Rust, each with each.</summary>
public sealed class SampleTests : IDisposable
{
    private const int Messages = 20_000;

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("c", "c")]
    [InlineData("c", "rust")]
    [InlineData("rust", "c")]
    [InlineData("rust", "rust")]
    public void Messages_and_descriptors_come_over_whole_and_in_order(string producerLanguage, string consumerLanguage)
    {
        string path = _tree.At("ring");
        using ChildProcess producer = ChildProcess.Start(
            NativeProgram.Sample(producerLanguage, "ring_producer"), path, $"{Messages}");
        _ = producer.Output.WaitForLine(line => line == "listening", "the producer to listen");
        using ChildProcess consumer = ChildProcess.Start(NativeProgram.Sample(consumerLanguage, "ring_consumer"), path);
        Assert.True(consumer.WaitForExit() == 0, string.Join('\n', consumer.Errors.Lines));
        Assert.True(producer.WaitForExit() == 0, string.Join('\n', producer.Errors.Lines));
        Assert.Equal($"sent {Messages} messages, {Messages / 100} descriptors", producer.Output.Lines[^1]);
        Assert.Equal(
            [
                .. Enumerable.Range(1, Messages / 100)
                    .Select(i => $"message {100 * i} came with \"descriptor {100 * i}\""),
                $"received {Messages} messages, {Messages / 100} descriptors",
            ],
            consumer.Output.Lines);
    }

    [Theory]
    [InlineData("c")]
    [InlineData("rust")]
    public void A_producer_that_is_killed_is_noticed(string language)
    {
        string path = _tree.At("ring");
        using ChildProcess producer = ChildProcess.Start(
            NativeProgram.Sample(language, "ring_producer"), path, $"{int.MaxValue}");
        _ = producer.Output.WaitForLine(line => line == "listening", "the producer to listen");
        using ChildProcess consumer = ChildProcess.Start(NativeProgram.Sample(language, "ring_consumer"), path);
        _ = consumer.Output.WaitForLine(line => line.Contains("came with"), "the first descriptor");
        producer.Send(Signal.SIGKILL);
        Assert.Equal(1, consumer.WaitForExit());
        Assert.Equal(["ring_consumer: the producer ended without an end"], consumer.Errors.Lines);
    }

    [Theory]
    [InlineData("c")]
    [InlineData("rust")]
    public void A_consumer_that_is_killed_does_not_stop_the_producer(string language)
    {
        string path = _tree.At("ring");
        using ChildProcess producer = ChildProcess.Start(
            NativeProgram.Sample(language, "ring_producer"), path, $"{Messages * 10}");
        _ = producer.Output.WaitForLine(line => line == "listening", "the producer to listen");
        using ChildProcess consumer = ChildProcess.Start(NativeProgram.Sample(language, "ring_consumer"), path);
        _ = consumer.Output.WaitForLine(line => line.Contains("came with"), "the first descriptor");
        consumer.Send(Signal.SIGKILL);
        Assert.True(producer.WaitForExit() == 0, string.Join('\n', producer.Errors.Lines));
    }

    [Theory]
    [InlineData("c", "ring_producer")]
    [InlineData("c", "ring_consumer")]
    [InlineData("rust", "ring_producer")]
    [InlineData("rust", "ring_consumer")]
    public void Without_a_path_they_say_how_they_are_used(string language, string name)
    {
        using ChildProcess run = ChildProcess.Start(NativeProgram.Sample(language, name));
        Assert.Equal(2, run.WaitForExit());
        Assert.StartsWith($"usage: {name} PATH", Assert.Single(run.Errors.Lines));
    }
}
