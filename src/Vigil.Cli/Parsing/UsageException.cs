namespace Vigil.Cli;

/// <summary>The command line is wrong; the message says in one line what is, and what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);
