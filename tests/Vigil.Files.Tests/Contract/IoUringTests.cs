namespace Vigil.IO.Tests.Contract;

/// <summary>Everything through a ring.</summary>
public sealed class IoUringTests() : ContractTests(FileBackend.IoUring);
