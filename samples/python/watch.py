#!/usr/bin/env python3
"""watch.py raw DIRECTORY     the kernel's events of one directory
watch.py tree DIRECTORY    every change of a tree
watch.py bus DIRECTORY     the same from a server, with positions, and with what is in each file that was closed

Ctrl-C ends each: the watches are removed, the descriptors closed, and the status is 0.
"""

import os
import sys

import vigil


def raw(directory: str) -> None:
    with vigil.Inotify() as inotify:
        inotify.add(directory)
        print(f"Watching {directory}, Ctrl-C ends")
        for event in inotify:
            print(event)


def tree(directory: str) -> None:
    with vigil.Tree(directory) as changes:
        for change in changes:
            print(change)


def bus(directory: str) -> None:
    with vigil.Bus(directory, flags=vigil.Bus.FDS) as changes:
        for change in changes:
            print(change)
            if change.file is not None:
                with change.file:
                    print("    ", change.file.read(60))


def main() -> int:
    commands = {"raw": raw, "tree": tree, "bus": bus}
    if len(sys.argv) != 3 or sys.argv[1] not in commands:
        print("usage: watch.py raw|tree|bus DIRECTORY", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(line_buffering=True, errors="surrogateescape")
    try:
        commands[sys.argv[1]](sys.argv[2])
    except KeyboardInterrupt:
        print("Exiting")
    except BrokenPipeError:
        # Nobody reads any more; nor will what Python flushes at its end be read.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"watch.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
