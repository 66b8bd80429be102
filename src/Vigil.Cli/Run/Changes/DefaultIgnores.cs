namespace Vigil.Cli.Run.Changes;

/// <summary>What starts no run unless somebody says so: what version control keeps, and what editors drop.</summary>
internal static class DefaultIgnores
{
    /// <summary>Patterns in the syntax of gitignore(5).</summary>
    public static IReadOnlyList<string> Patterns { get; } =
    [
        ".git", ".hg", ".svn", ".bzr", ".jj", ".pijul", "_darcs", "CVS", ".fslckout",
        "*~", ".*.sw?", ".*.sw?x", "*.swp", "4913", ".*.un~", ".netrwhist",
        "\\#*\\#", ".\\#*", ".*.kate-swp", ".goutputstream-*", "___jb_tmp___", "___jb_old___", ".~lock.*\\#",
        ".DS_Store", "__pycache__", "*.py[co]",
    ];
}
