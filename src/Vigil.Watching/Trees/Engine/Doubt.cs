namespace Vigil.Watching;

/// <summary>
/// A name on which mirror and disk differed. Mostly an event that explains it is still in the queue; what is still
/// different
/// when the queue has been seen empty is put right.
/// </summary>
/// <param name="Directory">The directory.</param>
/// <param name="Name">The name in it, ended by a NUL.</param>
/// <param name="At">When the difference was seen, in Stopwatch ticks.</param>
/// <param name="Tries">How often it could not be decided since.</param>
/// <param name="Since">When the difference that led to it was seen first, in Stopwatch ticks.</param>
internal readonly record struct Doubt(NodeRef Directory, byte[] Name, long At, int Tries, long Since);
