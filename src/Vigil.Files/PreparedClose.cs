using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using Vigil.Platform.Linux;

namespace Vigil.IO;

/// <summary>
/// A close that is made ready before the open, so that at the end nothing can fail and nothing has to be awaited: with
/// <c>using</c> it closes what it was given, however the block ends. Thread-safe; safe to dispose twice.
/// </summary>
/// <example>
/// <code>
/// using PreparedClose close = Files.PrepareClose();
/// SafeFileHandle log = close.Set(await Files.OpenAsync("app.log", FileMode.Open, FileAccess.Read));
/// </code>
/// </example>
/// <remarks>
/// The close itself may wait, for what was written to reach a server or a disk: it is done by a thread of the pool, and
/// nobody waits for it. What is open for reading only is closed at once.
/// </remarks>
public sealed class PreparedClose : IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _gate = new();
    private SafeFileHandle? _handle;
    private SafeFileHandle? _closing;
    private bool _isFinished;

    internal PreparedClose()
    {
    }

    /// <summary>Whether it has something to close.</summary>
    public bool IsSet
    {
        get
        {
            lock (_gate)
            {
                return _handle is not null;
            }
        }
    }

    /// <summary>What is to be closed.</summary>
    /// <exception cref="InvalidOperationException">Nothing: none was set, or it was cleared or closed.</exception>
    public SafeFileHandle Handle
    {
        get
        {
            lock (_gate)
            {
                return _handle ?? throw new InvalidOperationException("There is no handle to be closed.");
            }
        }
    }

    /// <summary>Takes over a handle, which is closed at the end.</summary>
    /// <param name="handle">The handle.</param>
    /// <returns>The same handle.</returns>
    /// <exception cref="InvalidOperationException">Another one is set already.</exception>
    /// <exception cref="ObjectDisposedException">It has finished. The handle stays the caller's.</exception>
    public SafeFileHandle Set(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isFinished, this);
            if (_handle is not null && _handle != handle)
            {
                throw new InvalidOperationException("Another handle is to be closed already.");
            }

            _handle = handle;
            return handle;
        }
    }

    /// <summary>Undoes a <see cref="Set"/>: the handle is the caller's again.</summary>
    /// <returns>The handle, or null where none was set.</returns>
    public SafeFileHandle? Clear()
    {
        lock (_gate)
        {
            SafeFileHandle? handle = _handle;
            _handle = null;
            return handle;
        }
    }

    /// <summary>Closes what was set, if anything was. Does not fail and does not wait; a second call does
    /// nothing.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _isFinished = true;
            if (_handle is null)
            {
                return;
            }

            _closing = _handle;
            _handle = null;
        }

        if (_closing.IsClosed || IsQuick(_closing))
        {
            _closing.Dispose();
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>As <see cref="Finish"/>.</summary>
    public void Dispose() => Finish();

    [SuppressMessage("Design", "CA1033", Justification = "The pool's way in is not one for callers.")]
    void IThreadPoolWorkItem.Execute() => _closing!.Dispose();

    private static bool IsQuick(SafeFileHandle handle)
    {
        try
        {
            return FileOpen.IsReadOnly(handle);
        }
        catch (ObjectDisposedException)
        {
            // Closed by somebody else meanwhile.
            return true;
        }
    }
}
