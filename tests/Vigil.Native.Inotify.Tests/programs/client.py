"""Checks of samples/python/vigil.py: client.py CHECK DIRECTORY. What is not as it should be raises."""

import gc
import os
import pathlib
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../samples/python"))
import vigil  # noqa: E402


def expect(what, value, should):
    if value != should:
        raise AssertionError(f"{what}: {value!r} instead of {should!r}")


def refusal(action):
    """The class of the error that an action raises."""
    try:
        action()
    except Exception as error:
        return type(error)
    return None


def descriptors():
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add((name, os.readlink("/proc/self/fd/" + name)))
        except FileNotFoundError:
            pass  # the one that listed them
    return found


def make():
    open("file", "w").close()
    os.unlink("file")


def interrupts():
    """However often and whenever Ctrl-C comes, it is raised."""
    with vigil.Inotify() as inotify:
        inotify.add(".", "create|delete")
        for number in range(100):
            sender = threading.Timer(0.0003 * number, os.kill, (os.getpid(), signal.SIGINT))
            raised = False
            try:
                sender.start()
                limit = time.monotonic() + 2
                while time.monotonic() < limit:
                    for _ in range(20):
                        make()
                    inotify.read()
            except KeyboardInterrupt:
                raised = True
            sender.join()
            expect(f"interrupt {number}", raised, True)


def closes():
    with vigil.Tree(".") as tree:
        tree.read()  # the runtime of the library keeps /dev/urandom open
    before = descriptors()
    for _ in range(50):
        with vigil.Tree(".") as tree:
            expect("first", next(iter(tree)).kind, "ready")
        with vigil.Inotify() as inotify:
            inotify.add(".", "create|delete")
            make()
            expect("first", next(iter(inotify)).name, b"file")
            expect("what is left", [event.name for event in inotify.read()], [b"file"])
        vigil.Tree(".")  # nobody has it any more
        vigil.Inotify()
    gc.collect()
    expect("descriptors", descriptors() - before, set())


def misuse():
    open("a", "w").close()
    expect("NUL", refusal(lambda: vigil.Tree("a\0b")), ValueError)
    expect("NUL in a pattern", refusal(lambda: vigil.Tree(".", ignore=["a\0b"])), ValueError)
    expect("one text", refusal(lambda: vigil.Tree(".", ignore="*.tmp")), TypeError)
    with vigil.Inotify() as inotify:
        expect("NUL, raw", refusal(lambda: inotify.add("a\0b")), ValueError)
        expect("path", inotify.add(pathlib.Path(".")), 1)
        inotify.close()
        expect("read", refusal(inotify.read), ValueError)
    with vigil.Tree(pathlib.Path("."), ignore=(pattern for pattern in ["*.tmp"])) as tree:
        for name in ["a.tmp", "b"]:
            open(name, "w").close()
        tree.sync()
        paths = {os.path.basename(change.path) for change in tree.read() if change.kind == "created"}
        expect("paths", paths, {b"b"})
        tree.close()
        for action in [tree.read, tree.sync, tree.fileno, lambda: next(iter(tree))]:
            expect("closed", refusal(action), ValueError)
    with vigil.Tree(".") as tree:
        started, kinds = threading.Event(), []

        def read():
            for change in tree:
                kinds.append(change.kind)
                started.set()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        started.wait(20)
        tree.close()
        reader.join(20)
        expect("iteration that is closed", (reader.is_alive(), kinds), (False, ["ready"]))


def forks():
    """A child closes nothing of its parent's, and does not wait for threads that it does not have."""
    with vigil.Tree(".") as tree, vigil.Inotify() as inotify:
        inotify.add(".", "create")
        inotify.read()
        child = os.fork()
        if child == 0:
            sys.exit(0 if {refusal(tree.read), refusal(inotify.read)} == {ValueError} else 1)
        expect("child", os.waitpid(child, 0)[1], 0)
        make()
        tree.sync()
        expect("the watch of the parent", next(iter(inotify)).name, b"file")
        expect("the tree of the parent", [change.kind for change in tree.read()][:2], ["ready", "created"])


os.chdir(sys.argv[2])
globals()[sys.argv[1]]()
