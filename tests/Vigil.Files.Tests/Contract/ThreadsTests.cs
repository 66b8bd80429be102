namespace Vigil.IO.Tests.Contract;

/// <summary>Everything by threads of the pool.</summary>
public sealed class ThreadsTests() : ContractTests(FileBackend.Threads);
