namespace Vigil.Compare.Tools;

/// <summary>The tools of a run, ours first, and those that had to be left out.</summary>
internal sealed class ToolSet
{
    private ToolSet(IReadOnlyList<Tool> tools, IReadOnlyList<string> missing)
    {
        Tools = tools;
        Missing = missing;
    }

    public IReadOnlyList<Tool> Tools { get; }

    public IReadOnlyList<string> Missing { get; }

    public IEnumerable<Tool> For(Purpose purpose) => Tools.Where(tool => tool.Serves(purpose));

    public static ToolSet Choose(Settings settings)
    {
        string fsw = Path.Combine(settings.RepositoryRoot, "artifacts/bin/FswPeer/release/FswPeer");
        string reader = Path.Combine(settings.NativeTools, "reader");
        Tool[] all =
        [
            new VigilTool(settings.VigilPath, raw: false),
            new VigilTool(settings.VigilPath, raw: true),
            new InotifyWaitTool(commonEvents: false),
            new InotifyWaitTool(commonEvents: true),
            new FswTool(fsw),
            new CReaderTool(reader, batching: false),
            new CReaderTool(reader, batching: true),
        ];
        foreach (string key in settings.Tools)
        {
            if (!all.Any(tool => tool.Key == key))
            {
                string known = string.Join(", ", all.Select(tool => tool.Key));
                throw new ArgumentException($"no tool is called {key}; there are: {known}");
            }
        }

        Tool[] wanted = [.. all.Where(tool => settings.Tools.Count == 0 || settings.Tools.Contains(tool.Key))];
        return new ToolSet(
            [.. wanted.Where(tool => File.Exists(tool.Program))],
            [.. wanted.Where(tool => !File.Exists(tool.Program)).Select(tool => tool.Title)]);
    }
}
