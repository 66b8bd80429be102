namespace Vigil.Repository.Tests;

/// <summary>
/// The public API of each library is a text in the repository, so that a change to it is seen in review.
/// <c>VIGIL_UPDATE_API=1 ./test</c> rewrites the texts.
/// </summary>
public sealed class PublicApiTests
{
    private const string Variable = "VIGIL_UPDATE_API";

    public static TheoryData<string> Libraries => Repository.Tests.Libraries.Theory;

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_api_is_the_committed_one(string library)
    {
        string path = RepositoryRoot.Combine("src", library, "PublicApi.txt");
        string[] built = [.. PublicApi.Describe(Repository.Tests.Libraries.Load(library))];
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllLines(path, built);
        }

        string[] committed = File.Exists(path) ? File.ReadAllLines(path) : [];
        string[] differences =
        [
            .. committed.Except(built).Select(line => "- " + line),
            .. built.Except(committed).Select(line => "+ " + line),
        ];
        Assert.True(
            committed.SequenceEqual(built),
            $"src/{library}/PublicApi.txt differs; if the change is meant, {Variable}=1 ./test rewrites it\n"
                + string.Join('\n', differences));
    }
}
