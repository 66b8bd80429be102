namespace Vigil.IO.Tests.Contract;

/// <summary>In the thread of the caller.</summary>
public sealed class InlineTests() : ContractTests(FileBackend.Inline)
{
    protected override bool IsBlocking => true;
}
