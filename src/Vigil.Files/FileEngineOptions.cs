namespace Vigil.IO;

/// <summary>What a <see cref="FileEngine"/> is made with.</summary>
public sealed record FileEngineOptions
{
    /// <summary>
    /// How the kernel is asked; null for what the runtime setting <c>Vigil.Files.Backend</c> says (in
    /// runtimeconfig.json), then the environment variable <c>VIGIL_FILES_BACKEND</c>, and else
    /// <see cref="FileBackend.Auto"/>. Both take the names of <see cref="FileBackend"/>, in any case.
    /// </summary>
    public FileBackend? Backend { get; init; }

    // For tests: queues so small that they run over.
    internal int SubmissionEntries { get; init; } = 256;

    internal int CompletionEntries { get; init; } = 4096;

    internal const string Setting = "Vigil.Files.Backend";

    internal const string Variable = "VIGIL_FILES_BACKEND";

    internal FileBackend ChosenBackend() => Backend
        ?? Parse(AppContext.GetData(Setting) as string, Setting)
        ?? Parse(Environment.GetEnvironmentVariable(Variable), Variable)
        ?? FileBackend.Auto;

    private static FileBackend? Parse(string? text, string where)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return Enum.TryParse(text, ignoreCase: true, out FileBackend backend) && Enum.IsDefined(backend)
            ? backend
            : throw new ArgumentException($"{where} is '{text}'; it can be auto, inline, iouring or threads");
    }
}
