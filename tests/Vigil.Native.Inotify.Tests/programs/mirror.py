"""A subscriber that keeps a mirror of a tree, as mirror.c: mirror.py ROOT [fds], commands on standard input."""

import os
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../samples/python"))
import vigil  # noqa: E402

LIMIT_S = 60


class Mirror:
    def __init__(self, root: str, flags: int) -> None:
        self.root, self.flags = root, flags
        self.paths: set[bytes] = set()
        self.counts = {"overflowed": 0, "fresh": 0}
        self.position = None
        self.bus = None
        self.changes = 0

    def resume(self) -> None:
        self.bus = vigil.Bus(self.root, flags=self.flags, since=self.position)
        print("resumed")

    def apply(self, change: vigil.BusChange) -> None:
        self.changes += 1
        if change.kind in self.counts:
            self.counts[change.kind] += 1
        if change.kind == "fresh":
            self.paths.clear()
        elif change.kind == "created":
            if change.path in self.paths:
                print("wrong created twice:", change.path)
            self.paths.add(change.path)
        elif change.kind == "deleted":
            if change.path not in self.paths:
                print("wrong deleted what is not there:", change.path)
            self.paths.discard(change.path)
        elif change.kind == "renamed":
            self.move(change.old_path, change.path)
        self.look_at_file(change)

    def move(self, old: bytes, new: bytes) -> None:
        if old not in self.paths:
            print("wrong renamed what is not there:", old)
        self.paths -= {path for path in self.paths if path == new or path.startswith(new + b"/")}
        moved = {path for path in self.paths if path == old or path.startswith(old + b"/")}
        self.paths -= moved
        self.paths |= {new + path[len(old):] for path in moved}

    @staticmethod
    def look_at_file(change: vigil.BusChange) -> None:
        if change.file_error:
            print("without", change.kind, change.file_error)
        if change.file is not None:
            with change.file as file:
                print("file", change.kind, os.fstat(file.fileno()).st_ino, file.read().decode().strip())

    def take(self) -> bool:
        """False where nothing will come any more."""
        while True:
            changes = self.bus.read()
            for change in changes or []:
                self.apply(change)
            if not changes:
                return changes is not None

    def check(self) -> None:
        limit = time.monotonic() + LIMIT_S
        while True:
            try:
                self.bus.sync(100)
                break
            except TimeoutError:
                assert time.monotonic() < limit
                self.take()
        self.take()
        self.compare()

    def compare(self) -> None:
        root = os.fsencode(self.root)
        disk = {os.path.join(path, name) for path, directories, files in os.walk(root) for name in directories + files}
        for path in sorted(disk ^ (self.paths - {root})):
            print("wrong", "missing in the mirror:" if path in disk else "only in the mirror:", path)
        print("checked", len(self.paths), "overflowed", self.counts["overflowed"], "fresh", self.counts["fresh"])

    def leave(self) -> None:
        self.position = self.bus.position
        self.bus.close()
        self.bus = None
        print("left", self.position)

    def ask(self) -> None:
        with vigil.Bus(self.root, flags=self.flags, since=self.position, once=True) as answer:
            for change in answer:
                self.apply(change)
                self.position = change.position
        self.compare()

    def memory(self) -> None:
        with open("/proc/self/status", encoding="ascii") as status:
            kib = next(line.split()[1] for line in status if line.startswith("VmRSS:"))
        print("memory", kib, "descriptors", len(os.listdir("/proc/self/fd")), "changes", self.changes)


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)
    mirror = Mirror(sys.argv[1], vigil.Bus.INITIAL | (vigil.Bus.FDS if len(sys.argv) > 2 else 0))
    mirror.resume()
    while True:
        sources = [sys.stdin] + ([mirror.bus] if mirror.bus is not None else [])
        ready, _, _ = select.select(sources, [], [])
        if mirror.bus in ready:
            mirror.take()
        if sys.stdin in ready:
            command = sys.stdin.readline().strip()
            if not command:
                return
            getattr(mirror, command)()


main()
