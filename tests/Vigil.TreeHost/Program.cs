using Vigil;
using Vigil.Watching.Tests;

// A tree watcher in a process of its own, so that it can have limits, rights and mounts of its own. It takes commands
// on standard input, a line each with words between tabs, prints what the watcher says about itself as it comes, and
// answers each command with one line, or with "error TEXT":
//   option NAME VALUE   how the next start watches; no answer
//   start PATH…         "started"; what a watcher tells last is followed by "ended"
//   add PATH            "added"; remove PATH: "removed True" or "removed False"
//   check ROOT          what its reader and its snapshot hold, compared with the disk: a line "wrong …" for each
//                       difference, then "checked N entries"
//   sync                "synced", when all from before was told and printed
//   statistics          the counters
//   log                 all that was told, a line "log …" each, then "logged"
//   path PATH           whether it can be watched: "good"
//   shell COMMAND       run in a process of its own: "ran OUTPUT"
//   hold N              takes all descriptors but N: "holds M"; release gives them back: "released"
//   stop                "stopped"
//   file-watch PATH     single files: "watched True", or "watched False OLDTAG"; "file KIND PATH" for each event
//   file-remove PATH    "removed True TAG"; file-stop: "stopped"
//   chdir PATH          "changed"
await using var host = new Host(Console.Out);
while (Console.ReadLine() is { } line)
{
    try
    {
        await host.RunAsync(line.Split('\t'));
    }
    catch (Exception e)
    {
        string kind = e is VigilException ? "" : e.GetType().Name + ": ";
        await Console.Out.WriteLineAsync($"error {kind}{e.Message.ReplaceLineEndings(" ")}");
    }
}
