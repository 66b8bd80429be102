using Vigil.Cli.Run.Settings;

namespace Vigil.Cli.Run.Changes;

/// <summary>
/// The files by which commands learn what changed, in a directory of this run's own, which is gone at its end.
/// </summary>
internal sealed class ChangeFiles : IDisposable
{
    /// <summary>Makes the directory, for this user alone.</summary>
    public ChangeFiles() => Folder = Directory.CreateTempSubdirectory("vigil-run-").FullName;

    /// <summary>Where they are.</summary>
    public string Folder { get; }

    /// <summary>Writes the changes of a run; who has the file of the last one open keeps that.</summary>
    /// <param name="number">The number of the group.</param>
    /// <param name="changes">The changes.</param>
    /// <returns>Where the JSON Lines are.</returns>
    public string Write(int number, IReadOnlyList<RunChange> changes) =>
        Put($"changes-{number}.jsonl", ChangeLines.Json(changes));

    /// <summary>What a command reads as its standard input; null for what vigil itself would.</summary>
    /// <param name="kind">In which form.</param>
    /// <param name="number">The number of the group.</param>
    /// <param name="changes">The changes.</param>
    public string? Input(InputKind kind, int number, IReadOnlyList<RunChange> changes) => kind switch
    {
        InputKind.Json => Path.Combine(Folder, $"changes-{number}.jsonl"),
        InputKind.Paths => Put($"paths-{number}", ChangeLines.Paths(changes)),
        _ => null,
    };

    public void Dispose()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Talk.Error($"{Folder} is left behind: {e.GetType().Name}");
        }
    }

    private string Put(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder, name);
        try
        {
            File.WriteAllBytes(path + ".new", bytes);
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Talk.Error($"{path} cannot be written ({e.GetType().Name}); the command does not learn what changed");
        }

        return path;
    }
}
