using Vigil.Watching;

using var inotify = Inotify.Open();
WatchDescriptor wd = inotify.Add(".", InotifyMask.Create | InotifyMask.CloseWrite | InotifyMask.Move);
Console.WriteLine($"watch {wd} is {inotify.PathOf(wd)}");

while (true)
    foreach (InotifyEvent e in inotify.Read(Timeout.InfiniteTimeSpan))  // views, valid until the next Read
        Console.WriteLine($"wd: {e.Watch}, mask: {(uint)e.Mask:x}, flags: [{e.Mask.KernelNames}], "
            + $"cookie: {e.Cookie}, len: {e.Length}, name: {e.NameText}");
