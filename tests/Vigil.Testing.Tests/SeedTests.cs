namespace Vigil.Testing.Tests;

public sealed class SeedTests
{
    [Fact]
    public void A_failure_names_the_seed_that_gives_the_same_numbers_again()
    {
        int number = 0;
        var e = Assert.Throws<SeededFailureException>(() => Seed.Run(random =>
        {
            number = random.Next();
            throw new InvalidOperationException("as expected by the test of the seeds");
        }));
        Assert.StartsWith($"VIGIL_SEED={e.Seed} replays this: as expected", e.Message);
        Assert.Equal(number, new Random(e.Seed).Next());
    }

    [Fact]
    public async Task Many_seeds_are_many_runs_unless_one_is_fixed()
    {
        int runs = 0;
        await Seed.RunManyAsync(3, _ => Task.FromResult(++runs));
        Assert.Equal(Seed.Fixed is null ? 3 : 1, runs);
    }
}
