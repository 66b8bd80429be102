using Vigil.Testing;

namespace Vigil.Cli.Tests;

/// <summary>
/// A disk that answers only once it is let: a library in front of libc's getdents64(3) that waits as long as a file is
/// there. What a dead server or a very large tree does to a scan, at will.
/// </summary>
internal sealed class SlowDisk
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        ssize_t getdents64(int fd, void *buffer, size_t count) {
            close(open(getenv("SLOW_DISK_SEEN"), O_CREAT | O_WRONLY, 0644));
            while (access(getenv("SLOW_DISK_GATE"), F_OK) == 0) usleep(1000);
            return syscall(SYS_getdents64, fd, buffer, count);
        }
        """;

    private readonly TempTree _tree;

    /// <summary>Compiles the library and closes the gate.</summary>
    /// <param name="tree">Where its files go.</param>
    internal SlowDisk(TempTree tree)
    {
        _tree = tree;
        _tree.WriteFile("slow/gate");
        _tree.WriteFile("slow/disk.c", Source);
        _ = ChildProcess.Shell("gcc -shared -fPIC -o disk.so disk.c", _tree.At("slow"));
    }

    /// <summary>What an env(1) has to set for a command; <see cref="WaitFor"/> knows it by its name.</summary>
    /// <param name="name">A name for the command.</param>
    internal string[] Environment(string name) =>
    [
        $"LD_PRELOAD={_tree.At("slow/disk.so")}",
        $"SLOW_DISK_GATE={_tree.At("slow/gate")}",
        $"SLOW_DISK_SEEN={_tree.At($"slow/seen-{name}")}",
    ];

    /// <summary>Waits until a command hangs at the gate.</summary>
    /// <param name="name">The name it was given.</param>
    internal void WaitFor(string name) =>
        Eventually.True(() => File.Exists(_tree.At($"slow/seen-{name}")), "the scan to begin");

    /// <summary>Lets everybody go on.</summary>
    internal void Open() => File.Delete(_tree.At("slow/gate"));
}
