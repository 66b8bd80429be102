namespace Vigil.Compare.Speed;

/// <summary>One run of (a). <c>Problems</c> is empty where every answer was checked and right.</summary>
internal sealed record CpuSample(
    string Tool,
    string FileSystem,
    int Repetition,
    double Rate,
    long Operations,
    double WriterSeconds,
    string InotifyMask,
    long KernelEvents,
    long Lines,
    double CpuMilliseconds,
    IReadOnlyList<string> Problems)
{
    public double NanosecondsPerKernelEvent => CpuMilliseconds * 1e6 / Math.Max(1, KernelEvents);

    public double NanosecondsPerOperation => CpuMilliseconds * 1e6 / Operations;

    public double NanosecondsPerLine => CpuMilliseconds * 1e6 / Math.Max(1, Lines);
}
