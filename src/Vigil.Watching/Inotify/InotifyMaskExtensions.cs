using System.Globalization;
using System.Numerics;
using System.Text;

namespace Vigil.Watching;

/// <summary>The kernel's names for the bits of an <see cref="InotifyMask"/>, to and from text. Thread-safe.</summary>
public static class InotifyMaskExtensions
{
    private const string Prefix = "IN_";
    private const int CacheSlots = 64;

    // In the order of linux/inotify.h.
    private static readonly (InotifyMask Bit, string Name)[] Bits =
    [
        (InotifyMask.Access, "IN_ACCESS"),
        (InotifyMask.Modify, "IN_MODIFY"),
        (InotifyMask.Attrib, "IN_ATTRIB"),
        (InotifyMask.CloseWrite, "IN_CLOSE_WRITE"),
        (InotifyMask.CloseNoWrite, "IN_CLOSE_NOWRITE"),
        (InotifyMask.Open, "IN_OPEN"),
        (InotifyMask.MovedFrom, "IN_MOVED_FROM"),
        (InotifyMask.MovedTo, "IN_MOVED_TO"),
        (InotifyMask.Create, "IN_CREATE"),
        (InotifyMask.Delete, "IN_DELETE"),
        (InotifyMask.DeleteSelf, "IN_DELETE_SELF"),
        (InotifyMask.MoveSelf, "IN_MOVE_SELF"),
        (InotifyMask.Unmount, "IN_UNMOUNT"),
        (InotifyMask.QueueOverflow, "IN_Q_OVERFLOW"),
        (InotifyMask.Ignored, "IN_IGNORED"),
        (InotifyMask.OnlyDir, "IN_ONLYDIR"),
        (InotifyMask.DontFollow, "IN_DONT_FOLLOW"),
        (InotifyMask.ExclUnlink, "IN_EXCL_UNLINK"),
        (InotifyMask.MaskCreate, "IN_MASK_CREATE"),
        (InotifyMask.MaskAdd, "IN_MASK_ADD"),
        (InotifyMask.IsDir, "IN_ISDIR"),
        (InotifyMask.OneShot, "IN_ONESHOT"),
    ];

    // Understood, never written.
    private static readonly (InotifyMask Bits, string Name)[] Groups =
    [
        (InotifyMask.Close, "IN_CLOSE"),
        (InotifyMask.Move, "IN_MOVE"),
        (InotifyMask.AllEvents, "IN_ALL_EVENTS"),
    ];

    private static readonly string[] AllNames =
        [.. Bits.Select(static bit => bit.Name), .. Groups.Select(static group => group.Name)];

    // Events carry few different masks, so their texts are made once. A slot holds one object, replaced as a whole: no
    // lock.
    private static readonly NamedMask?[] Cache = new NamedMask?[CacheSlots];

    extension(InotifyMask mask)
    {
        /// <summary>
        /// The names of the bits that are set, single bits only, in the order of linux/inotify.h, joined by <c>|</c>,
        /// such as
        /// <c>IN_CREATE|IN_ISDIR</c>; bits without a name follow as one hexadecimal number. Empty for no bit.
        /// </summary>
        public string KernelNames
        {
            get
            {
                uint value = (uint)mask;
                int slot = (int)((value * 0x9E37_79B1u) >> (32 - BitOperations.Log2(CacheSlots)));
                NamedMask? cached = Volatile.Read(ref Cache[slot]);
                if (cached is null || cached.Mask != value)
                {
                    cached = new NamedMask(value, Join(mask));
                    Volatile.Write(ref Cache[slot], cached);
                }

                return cached.Names;
            }
        }

        /// <summary>
        /// Every name that can be parsed: the single bits in the order of linux/inotify.h, then the groups.
        /// </summary>
        public static IReadOnlyList<string> AllKernelNames => AllNames;

        /// <summary>
        /// Reads the kernel's names, with or without <c>IN_</c>, in upper or lower case; several are separated by
        /// <c>|</c> or
        /// <c>,</c>. The groups <c>IN_CLOSE</c>, <c>IN_MOVE</c> and <c>IN_ALL_EVENTS</c> are names too.
        /// </summary>
        /// <param name="text">One name or more, such as <c>create,IN_CLOSE_WRITE</c>.</param>
        /// <param name="result">The bits, or <see cref="InotifyMask.None"/>.</param>
        /// <returns>False where a name is not known or missing.</returns>
        public static bool TryParseKernelNames(ReadOnlySpan<char> text, out InotifyMask result)
        {
            result = InotifyMask.None;
            InotifyMask sum = InotifyMask.None;
            foreach (Range part in text.SplitAny('|', ','))
            {
                if (!TryParseName(text[part].Trim(), out InotifyMask one))
                {
                    return false;
                }

                sum |= one;
            }

            result = sum;
            return true;
        }
    }

    private static bool TryParseName(ReadOnlySpan<char> name, out InotifyMask bits)
    {
        if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            name = name[Prefix.Length..];
        }

        foreach ((InotifyMask Bits, string Name)[] table in (ReadOnlySpan<(InotifyMask, string)[]>)[Bits, Groups])
        {
            foreach ((InotifyMask known, string knownName) in table)
            {
                if (knownName.AsSpan(Prefix.Length).Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    bits = known;
                    return true;
                }
            }
        }

        bits = InotifyMask.None;
        return false;
    }

    private static string Join(InotifyMask mask)
    {
        StringBuilder names = new();
        foreach ((InotifyMask bit, string name) in Bits)
        {
            if ((mask & bit) != 0)
            {
                names.Append(names.Length == 0 ? string.Empty : "|").Append(name);
                mask &= ~bit;
            }
        }

        if (mask != 0)
        {
            names.Append(names.Length == 0 ? string.Empty : "|")
                .Append(CultureInfo.InvariantCulture, $"0x{(uint)mask:x}");
        }

        return names.ToString();
    }

    private sealed record NamedMask(uint Mask, string Names);
}
