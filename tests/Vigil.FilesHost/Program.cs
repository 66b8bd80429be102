using Vigil.IO.Tests;

// Other processes in the tests of Vigil.Files: the first argument names the part, the rest is for it. A part says what
// it does in lines on standard output, and "wrong TEXT" where something is not as it should be.
try
{
    return await Parts.PlayAsync(args);
}
catch (Exception e)
{
    Parts.Say($"wrong {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
    return 1;
}
