using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>What is left alone: patterns of the options, ignore files in the tree, names that a single-file root is
/// not about.</content>
internal sealed partial class TreeEngine
{
    /// <summary>
    /// The names of the files that the watcher itself makes for a moment start like this; they are never told.
    /// </summary>
    internal static ReadOnlySpan<byte> CookiePrefix => ".vigil-cookie-"u8;

    private const int MaxIgnoreFileBytes = 1 << 20;

    private readonly Dictionary<int, Root> _fileRoots = [];
    private readonly Dictionary<int, IgnoreRules> _rules = [];
    private readonly List<NodeRef> _rulesChanged = [];
    private byte[] _relativeScratch = new byte[1024];

    private bool IsFileRoot(int directory) => _fileRoots.Count > 0 && _fileRoots.ContainsKey(directory);

    /// <summary>Whether an entry belongs to what is watched; what does not is not in the mirror at all.</summary>
    private bool IsAccepted(int directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        if (name.StartsWith(CookiePrefix))
        {
            return false;
        }

        if (_fileRoots.Count > 0 && _fileRoots.TryGetValue(directory, out Root? root))
        {
            return !root.IsLinkBroken && name.SequenceEqual(root.FileName);
        }

        if (!_options.HonourIgnoreFiles && _filter.IsEmpty)
        {
            return true;
        }

        if (_options.HonourIgnoreFiles && name.SequenceEqual(".git"u8))
        {
            return false;
        }

        ReadOnlySpan<byte> path = RelativePath(directory, name);
        IgnoreVerdict verdict = _filter.MatchExcludes(path, isDirectory);
        if (verdict == IgnoreVerdict.None && _options.HonourIgnoreFiles && RulesOf(directory) is { } rules)
        {
            // As in git, what was typed wins over what is in a file, in both directions.
            verdict = rules.Match(path, isDirectory);
        }

        return verdict != IgnoreVerdict.Ignored;
    }

    private static bool IsIgnoreFile(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(".gitignore"u8) || name.SequenceEqual(".ignore"u8);

    // The rules of the nearest directory, upwards, that has any; they ask their outer ones themselves.
    private IgnoreRules? RulesOf(int directory)
    {
        if (_rules.Count == 0)
        {
            return null;
        }

        for (int d = directory; d != Mirror.None; d = _mirror[d].Parent)
        {
            if (_rules.TryGetValue(d, out IgnoreRules? rules))
            {
                return rules;
            }
        }

        return null;
    }

    private void LoadIgnoreFiles(int node, DirectoryHandle handle)
    {
        if (!_options.HonourIgnoreFiles)
        {
            return;
        }

        _rules.Remove(node);
        int parent = _mirror[node].Parent;
        IgnoreRules? outer = parent == Mirror.None ? null : RulesOf(parent);
        int baseLength = RelativePath(node, default).Length;
        IgnoreRules? rules = outer;
        rules = ReadRules(handle, ".gitignore\0"u8, rules, baseLength) ?? rules;
        rules = ReadRules(handle, ".ignore\0"u8, rules, baseLength) ?? rules;
        if (rules is not null && rules != outer)
        {
            _rules[node] = rules;
        }
    }

    private static IgnoreRules? ReadRules(
        DirectoryHandle handle, ReadOnlySpan<byte> terminatedName, IgnoreRules? outer, int baseLength)
    {
        byte[]? content = handle.TryReadFile(terminatedName, MaxIgnoreFileBytes);
        return content is null ? null : IgnoreRules.FromFile(content, outer, baseLength);
    }

    private void ForgetIgnoreFiles(int node)
    {
        if (_rules.Count > 0)
        {
            _rules.Remove(node);
        }
    }

    // Something happens to the rules of a directory: what they leave out may be another part now.
    private void NoteRules(int directory, ReadOnlySpan<byte> name)
    {
        if (_options.HonourIgnoreFiles && IsIgnoreFile(name))
        {
            _rulesChanged.Add(_mirror.Reference(directory));
        }
    }

    private void ApplyChangedRules()
    {
        foreach (NodeRef directory in _rulesChanged)
        {
            if (_mirror.IsLive(directory))
            {
                QueueScan(directory.Id, deep: true);
            }
        }

        if (_rulesChanged.Count > 0)
        {
            _rulesChanged.Clear();
            ScanQueued();
            ReleaseCovered();
        }
    }

    // The path from the root on, without a slash at the start: "src/obj/a.dll".
    private ReadOnlySpan<byte> RelativePath(int directory, ReadOnlySpan<byte> name)
    {
        int root = _mirror.RootOf(directory);

        int rootLength = _mirror[root].NameLength;
        int length = _mirror.PathLength(directory);
        if (_relativeScratch.Length < length + name.Length + 1)
        {
            _relativeScratch = new byte[(length + name.Length + 1) * 2];
        }

        _mirror.WritePath(directory, _relativeScratch.AsSpan(0, length));
        if (length == rootLength)
        {
            name.CopyTo(_relativeScratch);
            return _relativeScratch.AsSpan(0, name.Length);
        }

        _relativeScratch[length] = (byte)'/';
        name.CopyTo(_relativeScratch.AsSpan(length + 1));
        int start = rootLength + (_relativeScratch[rootLength] == '/' && rootLength > 1 ? 1 : 0);
        return _relativeScratch.AsSpan(start, length + 1 + name.Length - start);
    }
}
