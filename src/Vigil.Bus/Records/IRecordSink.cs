namespace Vigil.Bus.Records;

/// <summary>Where records go.</summary>
internal interface IRecordSink
{
    /// <summary>Room for one record; <see cref="End"/> takes it in.</summary>
    /// <param name="bytes">How much, exactly.</param>
    public Span<byte> Begin(int bytes);

    /// <summary>Takes in the record that was written.</summary>
    public void End();
}
