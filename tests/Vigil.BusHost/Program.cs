using Vigil.Bus.Tests;

// The other processes of a bus in its tests: the first argument names the part, the rest is for it. A part answers in
// lines on standard output: "error TEXT" where something failed, "wrong TEXT" where something is not as it should be.
try
{
    return await Parts.PlayAsync(args);
}
catch (Exception e)
{
    Parts.Say($"error {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
    return 1;
}
