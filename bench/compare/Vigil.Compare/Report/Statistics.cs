namespace Vigil.Compare.Report;

/// <summary>Order statistics of a sample; nothing is thrown away, nothing is smoothed.</summary>
internal sealed class Statistics
{
    private readonly double[] _sorted;

    public Statistics(IEnumerable<double> values)
    {
        _sorted = [.. values.Order()];
        if (_sorted.Length == 0)
        {
            throw new ArgumentException("no values", nameof(values));
        }
    }

    public int Count => _sorted.Length;

    public double Least => _sorted[0];

    public double Most => _sorted[^1];

    public double Median => _sorted.Length % 2 == 1
        ? _sorted[_sorted.Length / 2]
        : (_sorted[_sorted.Length / 2 - 1] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>
    /// The smallest value that at least <paramref name="percent"/> of the values do not exceed (nearest rank).
    /// </summary>
    public double Percentile(double percent) =>
        _sorted[Math.Max(0, (int)Math.Ceiling(percent / 100 * _sorted.Length) - 1)];
}
