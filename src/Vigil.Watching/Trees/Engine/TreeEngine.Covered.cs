using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>Watched paths that lie inside others: covered by them, each change is told once.</content>
internal sealed partial class TreeEngine
{
    private readonly List<Root> _covered = [];
    private readonly List<Root> _perhapsUncovered = [];

    // Another root has what this one is about. Only a link on its way can lead it out of there without a word of that.
    private void Cover(Root root)
    {
        root.IsGone = false;
        _covered.Add(root);
        WatchLinks(root);
    }

    // A root is gone, or elsewhere: what it covered may be covered by nobody.
    private void ReleaseCovered()
    {
        DoubtCovers();
        AttachUncovered();
    }

    // A root may leave out now what it covered: its rules changed, or events about that were lost.
    private void DoubtCovers() => _perhapsUncovered.AddRange(_covered);

    // What turns out not to be covered (any more) is watched by itself.
    private void AttachUncovered()
    {
        if (_perhapsUncovered.Count == 0)
        {
            return;
        }

        foreach (Root inner in _perhapsUncovered)
        {
            LookOnWay(inner);
        }

        Root[] uncovered = _perhapsUncovered.Where(r => _covered.Contains(r) && FindCover(r) is null).ToArray();
        _perhapsUncovered.Clear();
        foreach (Root inner in uncovered)
        {
            Detach(inner);
            _covered.Remove(inner);
        }

        foreach (Root inner in uncovered)
        {
            try
            {
                _ = AddRootNow(inner.Path);
            }
            catch (VigilException e)
            {
                // It went while the other root told of it. Before the stream began, its start tells it.
                _roots.Add(inner);
                inner.IsGone = true;
                if (!_writer.IsQuiet)
                {
                    TellGone(inner, e.Failure == Failure.NotFound ? "it is not there any more" : e.Message);
                }
            }
        }
    }

    // A covered path that leads elsewhere now may not be covered there.
    private void CheckCovered()
    {
        foreach (Root root in _covered)
        {
            LinkChain chain = LinkChain.Resolve(root.Path);
            if (Stat.TryGet(Terminate(root.PathBytes), followLinks: true, out _) != Failure.None)
            {
                continue;
            }

            if (chain.RealPath != root.RealPath)
            {
                root.RealPath = chain.RealPath;
                _perhapsUncovered.Add(root);
            }

            if (!chain.LinkDirectories.SequenceEqual(root.LinkDirectories))
            {
                UnwatchWay(root);
                WatchLinks(root);
            }
        }

        AttachUncovered();
    }

    // What holds a path may not have heard of it yet: it looks now, or the path would be watched twice.
    private void LookOnWay(Root inner)
    {
        byte[] path = PathText.ToBytes(inner.RealPath);
        foreach (Root outer in _roots.Where(r => r != inner && IsBelow(inner, r)).ToArray())
        {
            ScanQueued();
            int directory = outer.Node;
            int start = outer.RealPath.Length == 1 ? 1 : PathText.ToBytes(outer.RealPath).Length + 1;
            while (_mirror[directory].Directory != Mirror.None && start < path.Length)
            {
                int slash = Array.IndexOf(path, (byte)'/', start);
                byte[] name = path[start..(slash < 0 ? path.Length : slash)];
                if (_mirror.Find(directory, name) == Mirror.None && IsCared(directory)
                    && Reconcile(directory, Terminate(name)))
                {
                    ScanQueued();
                }

                int child = _mirror.Find(directory, name);
                if (child == Mirror.None)
                {
                    break;
                }

                directory = child;
                start += name.Length + 1;
            }
        }
    }

    // The root that has what a path leads to in its tree, watched or polled there.
    private Root? FindCover(Root inner)
    {
        byte[] path = PathText.ToBytes(inner.RealPath);
        foreach (Root root in _roots)
        {
            if (root == inner || root.FileName is not null || root.Node == Mirror.None)
            {
                continue;
            }

            bool isSame = root.RealPath == inner.RealPath;
            if (isSame || (FindByPath(root, root.RealPath, path) is { Child: not Mirror.None } place
                    && IsCared(place.Child)))
            {
                return root;
            }
        }

        return null;
    }

    private bool IsCared(int node) =>
        _mirror[node].Directory == Mirror.None
        || _mirror.DirectoryOf(node).Watch != Mirror.None
        || (_mirror.DirectoryOf(node).Flags & DirectoryFlags.Polled) != 0;

    // A root may be an entry of another one that leaves alone what is in it: another file system, a directory where
    // only one level is watched. Then the other one tells of the entry itself.
    private int HolderOf(Root inner)
    {
        foreach (Root root in _roots)
        {
            if (root != inner && root.FileName is null && root.Node != Mirror.None
                && FindByPath(root, root.Path, inner.PathBytes) is { Child: not Mirror.None } place)
            {
                return place.Child;
            }
        }

        return Mirror.None;
    }

    private bool IsHeld(int node) =>
        _mirror[node].Parent == Mirror.None
        && _roots.Find(r => r.Node == node) is { FileName: null } root
        && HolderOf(root) != Mirror.None;

    // With a root, its path has left the reader's mirror, but not that of the other root.
    private void TellHolder(Root inner)
    {
        int holder = HolderOf(inner);
        if (holder != Mirror.None)
        {
            _writer.Entry(FileChangeKind.Created, holder);
        }
    }

    private static bool IsBelow(Root inner, Root outer) =>
        outer.Node != Mirror.None && outer.FileName is null
        && inner.RealPath.StartsWith(outer.RealPath.TrimEnd('/') + "/", StringComparison.Ordinal);

    // A new root may hold others: what they had is told as gone from there, and comes again as part of the new one, or
    // by itself if the listing of the new one does not have it.
    private void TakeIn(Root outer)
    {
        foreach (Root inner in _roots.Where(r => r != outer && r.Node != Mirror.None).ToArray())
        {
            if (IsBelow(inner, outer))
            {
                int told = inner.FileName is null ? inner.Node : _mirror.Find(inner.Node, inner.FileName);
                if (told != Mirror.None)
                {
                    RemoveTree(told, tell: true);
                }

                inner.Node = inner.FileName is null ? Mirror.None : inner.Node;
                Detach(inner);
                _roots.Remove(inner);
                Cover(inner);
                _perhapsUncovered.Add(inner);
            }
        }
    }

    // Follows a path through the mirror, as far as the last directory on the way.
    private (int Directory, byte[] Name, int Child)? FindByPath(Root root, string pathOfRoot, byte[] path)
    {
        byte[] rootPath = PathText.ToBytes(pathOfRoot);
        int rootLength = rootPath.Length == 1 ? 0 : rootPath.Length;
        if (path.Length <= rootLength + 1 || path[rootLength] != '/'
            || !path.AsSpan(0, rootLength).SequenceEqual(rootPath.AsSpan(0, rootLength)))
        {
            return null;
        }

        int directory = root.Node;
        int start = rootLength + 1;
        while (true)
        {
            int slash = Array.IndexOf(path, (byte)'/', start);
            byte[] name = path[start..(slash < 0 ? path.Length : slash)];
            int child = _mirror.Find(directory, name);
            if (slash < 0)
            {
                return (directory, name, child);
            }

            if (child == Mirror.None || _mirror[child].Directory == Mirror.None)
            {
                return null;
            }

            directory = child;
            start = slash + 1;
        }
    }
}
