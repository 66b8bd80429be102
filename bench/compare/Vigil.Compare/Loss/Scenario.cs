using Vigil.Compare.Tools;

namespace Vigil.Compare.Loss;

/// <summary>Something that happens to trees, and what a watcher should have said about it.</summary>
internal abstract class Scenario
{
    /// <summary>The name in the loss table of the design: W1 to W7.</summary>
    public abstract string Key { get; }

    /// <summary>Makes what is there before the tool starts.</summary>
    public virtual void Prepare(LossSession session)
    {
    }

    /// <summary>Acts while the tool watches, lets it settle, and measures.</summary>
    public abstract void Act(LossSession session);

    /// <summary>2,000 files in 200 directories, two levels deep; the paths of the files, relative.</summary>
    protected static List<string> MakeTree(string root)
    {
        List<string> files = [];
        for (int outer = 0; outer < 20; outer++)
        {
            FillDirectory($"d{outer}");
            for (int inner = 0; inner < 9; inner++)
            {
                FillDirectory($"d{outer}/e{inner}");
            }
        }

        return files;

        void FillDirectory(string directory)
        {
            Directory.CreateDirectory(Path.Combine(root, directory));
            for (int number = 0; number < 10; number++)
            {
                string file = $"{directory}/f{number}";
                File.WriteAllText(Path.Combine(root, file), "content\n");
                files.Add(file);
            }
        }
    }

    /// <summary>Runs the load program, which makes its files as fast as the kernel takes them.</summary>
    protected static void RunWriter(LossSession session, string load, int count) =>
        Programs.Run(
            Path.Combine(session.Settings.NativeTools, "writer"), [load, session.Watched, count.ToString()]);
}
