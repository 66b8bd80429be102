using System.Runtime.InteropServices;

namespace Vigil.Native.Zbq.Tests;

/// <summary>The calls of a C program that these tests are in the place of.</summary>
internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);
}
