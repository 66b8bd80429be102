using System.Diagnostics;
using Vigil.Platform;
using Vigil.Platform.Linux;

namespace Vigil.Watching;

/// <content>What keeps the mirror right whatever the log said: look, wait for an empty queue, look again, put
/// right.</content>
internal sealed partial class TreeEngine
{
    private const int MaxTries = 3;

    private readonly List<(NodeRef Directory, byte[] Name)> _touched = [];
    private readonly List<Doubt> _doubts = [];
    private List<Doubt> _doubtsInWork = [];

    /// <summary>Has a name compared with the disk at the end of the batch.</summary>
    private void Touch(int directory, ReadOnlySpan<byte> terminatedName) =>
        _touched.Add((_mirror.Reference(directory), terminatedName.ToArray()));

    private void VerifyTouched()
    {
        for (int i = 0; i < _touched.Count; i++)
        {
            (NodeRef directory, byte[] name) = _touched[i];
            if (_mirror.IsLive(directory) && !Agrees(directory.Id, name))
            {
                _doubts.Add(new Doubt(directory, name, Stopwatch.GetTimestamp(), 0));
            }
        }

        _touched.Clear();
    }

    private bool Agrees(int directory, byte[] name)
    {
        Failure failure = Look(directory, name, out FileStatus status);
        int child = _mirror.Find(directory, name.AsSpan(0, name.Length - 1));
        if (SaysNothing(failure) && _open.Find(directory) is not null)
        {
            if (child != Mirror.None && _mirror[child].Directory != Mirror.None)
            {
                // A dead mount, say: tried again at each comparison, and told.
                OnCannotOpen(child, failure);
            }

            return true;
        }

        if (failure != Failure.None)
        {
            // An answer only if it is about the name: the directory itself could be opened.
            return failure == Failure.NotFound && child == Mirror.None && _open.Find(directory) is not null;
        }

        if (child == Mirror.None)
        {
            return !IsAccepted(directory, name.AsSpan(0, name.Length - 1), status.Type == EntryType.Directory);
        }

        if (!IsSame(child, status) || (_mirror[child].Directory != Mirror.None && IsKnownElsewhere(child, status)))
        {
            return false;
        }

        // What was only listed so far may have changed since the start without a word.
        Adopt(child, status, tell: _mirror[child].Identity == 0);
        return true;
    }

    // The entry may be there or not: permissions, or a device or server that fails, keep it from being looked at.
    private static bool SaysNothing(Failure failure) =>
        failure is not (Failure.None or Failure.NotFound or Failure.NotDirectory or Failure.SymlinkLoop);

    // A directory whose identity was not known turns out to be one that the mirror has at another place.
    private bool IsKnownElsewhere(int child, in FileStatus status)
    {
        int known = _mirror.FindByIdentity(IdentityOf(status));
        return _mirror[child].Identity == 0 && known != Mirror.None && known != child;
    }

    // What differed before the queue was empty, and still differs, no event will explain.
    private void ResolveDoubts()
    {
        if (_doubts.Count == 0)
        {
            return;
        }

        _doubtsInWork.Clear();
        _doubtsInWork.AddRange(_doubts);
        _doubts.Clear();
        foreach (Doubt doubt in _doubtsInWork)
        {
            if (!_mirror.IsLive(doubt.Directory))
            {
                continue;
            }

            if (doubt.At >= _emptyAt)
            {
                if (!Agrees(doubt.Directory.Id, doubt.Name))
                {
                    _doubts.Add(doubt);
                }

                continue;
            }

            ResolveDoubt(doubt);
        }
    }

    private void ResolveDoubt(in Doubt doubt)
    {
        int directory = doubt.Directory.Id;
        if (OpenDirectory(directory, out Failure failure) is not null)
        {
            if (Reconcile(directory, doubt.Name))
            {
                _repairs++;
            }

            return;
        }

        if (SaysNothing(failure))
        {
            // Nothing in it can be decided now; it is listed as soon as it can be opened again.
            OnCannotOpen(directory, failure);
            return;
        }

        // Not even the directory is where the mirror has it: that comes first.
        int parent = _mirror[directory].Parent;
        if (parent == Mirror.None)
        {
            _checkRoots = true;
        }

        if (doubt.Tries >= MaxTries)
        {
            NoteInconsistency();
            return;
        }

        long now = Stopwatch.GetTimestamp();
        _doubts.Add(doubt with { At = now, Tries = doubt.Tries + 1 });
        if (parent == Mirror.None)
        {
            return;
        }

        byte[] name = Terminated(_mirror.Name(directory)).ToArray();
        if (!_doubts.Exists(d => d.Directory.Id == parent && d.Name.AsSpan().SequenceEqual(name)))
        {
            // Old enough to be put right at the next look.
            _doubts.Add(new Doubt(_mirror.Reference(parent), name, doubt.At, doubt.Tries + 1));
        }
    }

    /// <summary>Makes the mirror have of one name what the disk has, and tells the difference.</summary>
    /// <returns>Whether there was one.</returns>
    private bool Reconcile(int directory, ReadOnlySpan<byte> terminatedName)
    {
        ReadOnlySpan<byte> name = terminatedName[..^1];
        int child = _mirror.Find(directory, name);
        Failure failure = Look(directory, terminatedName, out FileStatus status);
        if (failure != Failure.None)
        {
            bool isCertain = _open.Find(directory) is not null && failure is Failure.NotFound or Failure.NotDirectory;
            if (SaysNothing(failure) && _open.Find(directory) is not null)
            {
                return false;
            }

            if (!isCertain)
            {
                Touch(directory, terminatedName);
                return false;
            }

            if (child == Mirror.None)
            {
                return false;
            }

            RemoveTree(child, tell: true);
            return true;
        }

        if (child != Mirror.None)
        {
            if (IsSame(child, status) && !IsKnownElsewhere(child, status))
            {
                Adopt(child, status, tell: true);
                return false;
            }

            RemoveTree(child, tell: true);
        }

        if (!IsAccepted(directory, name, status.Type == EntryType.Directory))
        {
            return child != Mirror.None;
        }

        _ = AddEntry(directory, name, status);
        return true;
    }

    // The mirror contradicts itself or the log: everything is compared with the disk.
    private void NoteInconsistency()
    {
        _repairs++;
        NoteLoss("the log of events did not fit the tree");
    }
}
