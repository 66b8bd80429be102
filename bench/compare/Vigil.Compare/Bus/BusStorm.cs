namespace Vigil.Compare.Bus;

/// <summary>
/// Files that are written under a temporary name and renamed, as an editor saves, and others that come and go: four
/// changes a step, in bursts with a millisecond between them.
/// </summary>
internal static class BusStorm
{
    public const string KeptName = "kept-";
    private const int StepsABurst = 50;
    private const int FilesADirectory = 500;

    /// <summary>Makes it, and a file at the end by which everybody knows that it is over.</summary>
    /// <param name="root">A directory of the watched tree.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="last">The name of the last file.</param>
    public static void Run(string root, int steps, string last)
    {
        string directory = root;
        for (int step = 0; step < steps; step++)
        {
            if (step % FilesADirectory == 0)
            {
                directory = Directory.CreateDirectory(Path.Combine(root, $"s{step / FilesADirectory}")).FullName;
            }

            string temporary = Path.Combine(directory, "temporary");
            File.WriteAllText(temporary, "text");
            File.Move(temporary, Path.Combine(directory, $"{KeptName}{step}"));
            string transient = Path.Combine(directory, "transient");
            File.WriteAllBytes(transient, []);
            File.Delete(transient);
            if (step % StepsABurst == StepsABurst - 1)
            {
                Thread.Sleep(1);
            }
        }

        File.WriteAllBytes(Path.Combine(root, last), []);
    }
}
