using System.Globalization;
using System.Security;
using System.Text;

namespace Vigil.Compare.Report;

/// <summary>A plain horizontal bar plot as SVG.</summary>
internal static class BarPlot
{
    private const int LabelWidth = 190;
    private const int BarWidth = 420;
    private const int RowHeight = 28;
    private const int Top = 44;

    public static string Draw(string title, IReadOnlyList<(string Label, double Value)> bars)
    {
        double most = bars.Count == 0 ? 1 : bars.Max(bar => bar.Value);
        int height = Top + bars.Count * RowHeight + 12;
        StringBuilder svg = new();
        int width = LabelWidth + BarWidth + 90;
        svg.Append("""<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" """);
        svg.AppendLine($"""viewBox="0 0 {width} {height}">""");
        svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
        svg.AppendLine($"""<text x="12" y="24" font-size="15">{SecurityElement.Escape(title)}</text>""");
        for (int row = 0; row < bars.Count; row++)
        {
            (string label, double value) = bars[row];
            int y = Top + row * RowHeight;
            double length = Math.Max(1, value / most * BarWidth);
            string? text = SecurityElement.Escape(label);
            string colour = label.StartsWith("vigil", StringComparison.Ordinal) ? "#1b7f5c" : "#9aa5b1";
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""<text x="{LabelWidth - 8}" y="{y + 15}" font-size="13" text-anchor="end">{text}</text>""");
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""<rect x="{LabelWidth}" y="{y}" width="{length:0.#}" height="20" fill="{colour}"/>""");
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""<text x="{LabelWidth + length + 6:0.#}" y="{y + 15}" font-size="13">{value:0}</text>""");
        }

        svg.Append("</svg>");
        return svg.ToString();
    }
}
