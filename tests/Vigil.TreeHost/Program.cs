using Vigil;
using Vigil.Watching.Tests;

// A tree watcher in a process of its own, so that it can have limits and rights of its own. It takes commands on
// standard
// input, a line each with words between tabs, prints changes as they come, and answers each command with one line:
//   start PATH…   "started" or "error MESSAGE"
//   check ROOT    what its reader holds compared with the disk: "wrong …" lines, then "checked N entries"
//   statistics    the counters
//   descriptors   how many inotify instances and threads of theirs this process has
//   stop          "stopped"
await using var host = new Host(Console.Out);
while (Console.ReadLine() is { } line)
{
    try
    {
        await host.RunAsync(line.Split('\t'));
    }
    catch (VigilException e)
    {
        await Console.Out.WriteLineAsync("error " + e.Message.ReplaceLineEndings(" "));
    }
}
