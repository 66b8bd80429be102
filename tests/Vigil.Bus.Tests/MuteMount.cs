using Vigil.Watching.Tests;

namespace Vigil.Bus.Tests;

/// <summary>A file system that answers nothing (fuse(4) that nobody serves), at a directory of its own.</summary>
internal sealed class MuteMount : IDisposable
{
    // Who has the device open is who should serve it. It ends with its input.
    private const string Script =
        """
        exec 5<>/dev/fuse
        mount -i -t fuse -o fd=5,rootmode=40000,user_id=0,group_id=0,allow_other none "$1" && echo mounted
        read -r end
        umount -l "$1" && echo gone
        """;

    private readonly TempTree _directory = TempTree.InMemory();
    private readonly ChildProcess _holder;
    private bool _isOver;

    private MuteMount()
    {
        ChildProcess.Shell($"chmod 755 '{_directory.Path}'");
        Path = _directory.MakeDirectory("mute");
        _holder = ChildProcess.Start("sh", "-c", Script, "sh", Path);
    }

    internal string Path { get; }

    internal static MuteMount Start()
    {
        var mount = new MuteMount();
        try
        {
            _ = mount._holder.Output.WaitForLine(line => line == "mounted", "the file system");
            return mount;
        }
        catch
        {
            mount.Dispose();
            throw;
        }
    }

    /// <summary>Takes it away: who waits for it is told that it is gone.</summary>
    internal void End()
    {
        if (!_isOver)
        {
            _isOver = true;
            _holder.Input.Close();
            _ = _holder.WaitForExit();
        }
    }

    public void Dispose()
    {
        End();
        _holder.Dispose();
        _directory.Dispose();
    }
}
