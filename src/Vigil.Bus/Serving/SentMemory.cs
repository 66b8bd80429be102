using System.Collections.Concurrent;

namespace Vigil.Bus.Serving;

/// <summary>
/// Memory that is made for peers and that they have not received: it waits in their sockets, where nobody else sees
/// it, and stays there until they receive it or end, whatever the server does. So it is counted for each user, and none
/// has more made than its bound and one piece. Thread-safe.
/// </summary>
/// <remarks>Each user has an account of its own (<see cref="SentAccount"/>), with a gate of its own: what one leaves
/// unreceived, and how many wait for it, costs no other user anything.</remarks>
/// <param name="mostBytes">How much a user may have.</param>
/// <param name="patience">How long a user that has as much is waited for.</param>
internal sealed class SentMemory(long mostBytes, TimeSpan patience)
{
    private readonly ConcurrentDictionary<uint, SentAccount> _accounts = new();

    /// <summary>All that waits, in bytes.</summary>
    internal long Bytes => _accounts.Values.Sum(account => account.Bytes);

    /// <summary>How often it was asked whether a peer has received what was sent to it.</summary>
    internal long Looks => _accounts.Values.Sum(account => account.Looks);

    /// <summary>What waits for one user, in bytes.</summary>
    internal long BytesOf(uint user) => _accounts.TryGetValue(user, out SentAccount? account) ? account.Bytes : 0;

    /// <summary>Whether a user may have more made now.</summary>
    internal bool HasRoom(uint user) => AccountOf(user).HasRoom;

    /// <summary>Waits until a user may have more made, behind all of the same user that wait already.</summary>
    /// <exception cref="BusException">It has had too much for too long (TooMany).</exception>
    internal Task WaitForRoomAsync(uint user, CancellationToken cancellation) =>
        AccountOf(user).WaitForRoomAsync(cancellation);

    /// <summary>Counts a piece of memory from now on.</summary>
    /// <returns>The piece; whoever has it disposes it.</returns>
    internal SentPiece Begin(uint user, long bytes)
    {
        SentAccount account = AccountOf(user);
        account.Add(bytes);
        return new SentPiece(() => account.Add(-bytes));
    }

    /// <summary>Counts a piece until a peer to which it was sent has received all that was sent to it.</summary>
    internal void Track(ServerConnection peer, SentPiece piece)
    {
        piece.AddUser();
        AccountOf(peer.Peer.UserId).Track(peer, piece);
    }

    /// <summary>The peers that have not received in time what was sent to them.</summary>
    internal ServerConnection[] TakeLate() =>
        [.. _accounts.Values.SelectMany(account => account.TakeLate()).Distinct()];

    private SentAccount AccountOf(uint user) =>
        _accounts.GetOrAdd(user, key => new SentAccount(key, mostBytes, patience));
}
