namespace Vigil.Compare.Loss;

/// <summary>What a watcher that loses nothing shows in a row of the table.</summary>
internal enum LossGoal
{
    /// <summary>As many as there are.</summary>
    All,

    /// <summary>None.</summary>
    None,

    /// <summary>Yes.</summary>
    Told,
}
