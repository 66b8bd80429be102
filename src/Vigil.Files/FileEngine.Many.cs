using System.Runtime.CompilerServices;
using Vigil.IO.Many;
using Vigil.IO.Operations;

namespace Vigil.IO;

/// <content>Many files at a time.</content>
public sealed partial class FileEngine
{
    /// <inheritdoc cref="Files.ReadManyAsync"/>
    public IAsyncEnumerable<FileContent> ReadManyAsync(
        IEnumerable<string> paths, ReadManyOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return ReadEachAsync(paths, options ?? new ReadManyOptions(), cancellation);
    }

    private async IAsyncEnumerable<FileContent> ReadEachAsync(
        IEnumerable<string> paths,
        ReadManyOptions options,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using ManySource source = NewSource(options);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static state => ((ManySource)state!).Cancel(), source);
        using IEnumerator<string> next = paths.GetEnumerator();
        int underWay = 0;
        bool hasMore = true;
        while (true)
        {
            while (hasMore && underWay < options.InFlight * 2 && (hasMore = next.MoveNext()))
            {
                CheckPath(next.Current);
                source.Add(next.Current);
                underWay++;
            }

            if (underWay == 0)
            {
                break;
            }

            source.Start();
            if (!source.TryTake(out FileContent content))
            {
                await source.WaitAsync().ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                continue;
            }

            underWay--;
            yield return content;
            cancellation.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_isDisposed, this);
        }
    }

    private ManySource NewSource(ReadManyOptions options) => Waits() switch
    {
        InlineCarrier => new InlineManySource(this, _inline, options),
        RingCarrier when RingManySource.TryCreate(this, _inline, options) is { } ring => ring,
        _ => new ThreadManySource(this, _inline, options),
    };
}
