using System.Globalization;

namespace Vigil.Compare.Files;

/// <summary>The files that are read and written: made once for a run, of bytes that nobody can guess.</summary>
internal sealed class FilesData
{
    public const int ManyCount = 20_000;
    public const int ManyBytes = 3000;
    private const int ADirectory = 1000;
    private const int SmallBytes = 4096;
    private const int BlocksBytes = 1 << 20;
    private const int PieceBytes = 1 << 20;
    private const int LargePieces = 512;

    public FilesData(string folder, Settings settings)
    {
        Blocks = Path.Combine(folder, "blocks");
        Small = Path.Combine(folder, "small");
        Large = Path.Combine(folder, "large");
        Many = Path.Combine(folder, "many");
        var random = new Random(1);
        File.WriteAllBytes(Blocks, Bytes(random, BlocksBytes));
        File.WriteAllBytes(Small, Bytes(random, SmallBytes));
        if (settings.Wants("many"))
        {
            MakeMany(random);
        }

        if (settings.Wants("random"))
        {
            using FileStream large = File.Create(Large);
            for (int i = 0; i < LargePieces; i++)
            {
                large.Write(Bytes(random, PieceBytes));
            }
        }
    }

    public string Blocks { get; }

    public string Small { get; }

    public string Large { get; }

    public string Many { get; }

    public double ManySum { get; private set; }

    private void MakeMany(Random random)
    {
        for (int i = 0; i < ManyCount; i++)
        {
            string directory = Path.Combine(Many, (i / ADirectory).ToString("00", CultureInfo.InvariantCulture));
            if (i % ADirectory == 0)
            {
                Directory.CreateDirectory(directory);
            }

            byte[] content = Bytes(random, ManyBytes);
            File.WriteAllBytes(Path.Combine(directory, i.ToString("00000", CultureInfo.InvariantCulture)), content);
            ManySum += content.Sum(one => one);
        }
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
