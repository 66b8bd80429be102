namespace Vigil.Testing.Tests;

public sealed class TempTreeTests
{
    [Fact]
    public void Nothing_is_left_whatever_was_in_it()
    {
        string path;
        using (var tree = new TempTree())
        {
            path = tree.Path;
            tree.WriteFile("a/b/c.txt", "text");
            tree.MakeDirectory([0xff, 0xfe, (byte)'\n']);
            tree.MakeFile([0xff, 0xfe, (byte)'\n', (byte)'/', 0x80]);
            tree.Rename("a"u8, [0xe9]);
            File.CreateSymbolicLink(tree.At("-rf"), "/");
            File.SetUnixFileMode(tree.MakeDirectory("locked/inner"), UnixFileMode.None);
            File.SetUnixFileMode(tree.At("locked"), UnixFileMode.None);
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void A_path_longer_than_the_kernel_takes_is_removed_too()
    {
        string path;
        using (var tree = new TempTree())
        {
            path = tree.Path;
            string chain = string.Join('/', Enumerable.Repeat(new string('d', 200), 15));
            ChildProcess.Shell($"mkdir -p x/{chain} y/{chain}; mv y x/{chain}/", tree.Path);
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void A_tree_in_memory_is_on_tmpfs()
    {
        using TempTree tree = TempTree.InMemory();
        Assert.Equal(["tmpfs"], ChildProcess.Shell("stat -f -c %T .", tree.Path));
    }
}
