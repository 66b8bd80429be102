namespace Vigil.IO.Tests.Contract;

/// <summary>At once where that can be, else by what suits.</summary>
public sealed class AutoTests() : ContractTests(FileBackend.Auto);
