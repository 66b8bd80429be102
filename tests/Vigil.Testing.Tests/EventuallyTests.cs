namespace Vigil.Testing.Tests;

public sealed class EventuallyTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void A_condition_that_comes_about_ends_the_wait()
    {
        int looks = 0;
        Eventually.True(() => ++looks == 3, "the third look");
        Assert.Equal(3, looks);
    }

    [Fact]
    public void A_condition_that_does_not_come_about_names_its_reason()
    {
        var e = Assert.Throws<TimeoutException>(() => Eventually.True(() => false, "pigs to fly", Short));
        Assert.Equal("waited 0.02 s for pigs to fly", e.Message);
    }

    [Fact]
    public async Task An_asynchronous_wait_names_its_reason_too()
    {
        var e = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.TrueAsync(
            () => false, "pigs to fly", Short, TestContext.Current.CancellationToken));
        Assert.Equal("waited 0.02 s for pigs to fly", e.Message);
    }

    [Fact]
    public void Assertions_that_never_hold_show_their_last_failure()
    {
        var e = Assert.Throws<TimeoutException>(
            () => Eventually.Passes(() => throw new InvalidOperationException("2 is not 3"), "a miracle", Short));
        Assert.Contains("a miracle; last failure: 2 is not 3", e.Message);
    }
}
