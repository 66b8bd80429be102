namespace Vigil.Watching;

/// <content>What the mirror has at a path.</content>
internal sealed partial class TreeEngine
{
    /// <summary>Whether there is something at a path, as far as the mirror knows. Thread-safe.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="identity">Which file it is; 0 where that is not known.</param>
    internal bool TryGetIdentity(ReadOnlySpan<byte> path, out ulong identity)
    {
        lock (_gate)
        {
            int node = Mirror.None;
            for (int i = 0; i < _roots.Count && node == Mirror.None; i++)
            {
                node = FindBelow(_roots[i], path);
            }

            identity = node == Mirror.None ? 0 : _mirror[node].Identity;
            return node != Mirror.None;
        }
    }

    private int FindBelow(Root root, ReadOnlySpan<byte> path)
    {
        if (root.Node == Mirror.None || !path.StartsWith(root.PathBytes))
        {
            return Mirror.None;
        }

        ReadOnlySpan<byte> rest = path[root.PathBytes.Length..];
        if (root.FileName is not null)
        {
            return rest.IsEmpty ? _mirror.Find(root.Node, root.FileName) : Mirror.None;
        }

        if (!rest.IsEmpty && rest[0] != '/' && root.PathBytes is not [(byte)'/'])
        {
            return Mirror.None;
        }

        int node = root.Node;
        foreach (Range part in rest.Split((byte)'/'))
        {
            ReadOnlySpan<byte> name = rest[part];
            if (!name.IsEmpty && (node = _mirror.Find(node, name)) == Mirror.None)
            {
                break;
            }
        }

        return node;
    }
}
