using Vigil.Watching;

await using var files = new FileWatcher<Section>(capacity: 64);
files.Add("app.yaml", Section.App);
files.Add("conf/users.yaml", Section.Users);     // neither the file nor its directory has to exist yet
if (!files.Add("./app.yaml", Section.All, out Section previous))
    Console.WriteLine($"app.yaml was watched for {previous}, now for {Section.All}");

await foreach (FileEvent<Section> e in files.ReadAllAsync())
    if (e.IsNotice)
        Console.WriteLine(e);                           // an overflow, a limit: the reason is in it
    else
        Reload(e.Tag, e.Kind);                          // CloseWrite: new contents, and whole; Delete: it is gone

static void Reload(Section section, FileEventKind kind) => Console.WriteLine($"{section}: {kind}");

internal enum Section
{
    All,
    App,
    Users,
}
