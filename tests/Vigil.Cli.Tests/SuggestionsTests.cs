using Vigil.Cli.Parsing;
using Vigil.Cli.Printing;

namespace Vigil.Cli.Tests;

public sealed class SuggestionsTests
{
    [Theory]
    [InlineData("creatd", "created")]
    [InlineData("CREATED", "created")]
    [InlineData("create", "created")]
    [InlineData("delete", "deleted")]
    [InlineData("meta", "metadata")]
    [InlineData("rneamed", "renamed")]
    [InlineData("close", "closed")]
    public void The_nearest_word_is_found(string typed, string meant) =>
        Assert.Equal(meant, Suggestions.Nearest(typed, KindNames.Selectable));

    [Theory]
    [InlineData("moved")]
    [InlineData("x")]
    [InlineData("")]
    public void A_word_that_is_near_to_none_gets_the_list(string typed)
    {
        Assert.Null(Suggestions.Nearest(typed, KindNames.Selectable));
        Assert.Contains("known are created, modified", Suggestions.For(typed, KindNames.Selectable));
        Assert.Empty(Suggestions.For(typed, KindNames.Selectable, listOtherwise: false));
    }
}
