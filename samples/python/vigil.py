"""Vigil's watchers for Python: the kernel's own events of directories, and every change of a whole tree.

    with Inotify() as inotify:
        inotify.add("src", "create|delete")
        for event in inotify:
            print(event)

    with Tree("src", ignore=["*.tmp"]) as tree:
        for change in tree:
            print(change)

Ctrl-C raises KeyboardInterrupt in either loop; leaving the `with` gives everything back.
"""

import ctypes
import errno
import os
import select
from typing import Iterator, NamedTuple, Optional

# A path in VIGIL_LIBRARY, or the library that is installed.
_library = ctypes.CDLL(os.environ.get("VIGIL_LIBRARY", "libinotify.so.0"))
_libc = ctypes.CDLL(None, use_errno=True)


class _Event(ctypes.Structure):
    _fields_ = [("wd", ctypes.c_int32), ("mask", ctypes.c_uint32), ("cookie", ctypes.c_uint32), ("len", ctypes.c_uint32)]


class _Change(ctypes.Structure):
    _fields_ = [
        ("sequence", ctypes.c_uint64), ("time_us", ctypes.c_int64),
        ("path", ctypes.c_void_p), ("old_path", ctypes.c_void_p), ("reason", ctypes.c_void_p),
        ("path_bytes", ctypes.c_uint32), ("old_path_bytes", ctypes.c_uint32), ("reason_bytes", ctypes.c_uint32),
        ("kind", ctypes.c_uint8), ("type", ctypes.c_uint8), ("flags", ctypes.c_uint16), ("reserved", ctypes.c_uint64),
    ]


class _Options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("ignore", ctypes.POINTER(ctypes.c_char_p)), ("ignore_count", ctypes.c_size_t),
        ("include", ctypes.POINTER(ctypes.c_char_p)), ("include_count", ctypes.c_size_t),
        ("flags", ctypes.c_uint32), ("kinds", ctypes.c_uint32), ("backend", ctypes.c_uint32),
        ("settle_ms", ctypes.c_uint32), ("poll_interval_ms", ctypes.c_uint32), ("capacity", ctypes.c_uint32),
    ]


_Callback = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Event), ctypes.c_char_p)


def _declare(name, result, *arguments):
    function = getattr(_library, name)
    function.restype, function.argtypes = result, arguments
    return function


_size_t, _int, _handle, _text = ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
_texts = ctypes.POINTER(ctypes.c_char_p)
_watch = _declare("watch", _int, _int, _Callback)
_mask_names = _declare("vigil_mask_names", _size_t, ctypes.c_uint32, ctypes.c_char_p, _size_t)
_mask_parse = _declare("vigil_mask_parse", _int, _text, ctypes.POINTER(ctypes.c_uint32))
_open = _declare("vigil_tree_open", _int, _texts, _size_t, ctypes.POINTER(_Options), ctypes.POINTER(_handle))
_fd = _declare("vigil_tree_fd", _int, _handle)
_read = _declare(
    "vigil_tree_read", _int, _handle, ctypes.POINTER(_Change), _size_t, ctypes.c_char_p, _size_t,
    ctypes.POINTER(_size_t))
_sync = _declare("vigil_tree_sync", _int, _handle, _int)
_add = _declare("vigil_tree_add", _int, _handle, _text)
_remove = _declare("vigil_tree_remove", _int, _handle, _text)
_close = _declare("vigil_tree_close", None, _handle)
_kind_name = _declare("vigil_kind_name", _text, _int)
_last_error = _declare("vigil_last_error", _text)

IN_IGNORED = 0x8000


def _check(status: int) -> None:
    if status != 0:
        raise OSError(status, _last_error().decode())


def mask(names: str) -> int:
    """The mask of flags by name, such as "create|IN_CLOSE_WRITE"."""
    value = ctypes.c_uint32()
    _check(_mask_parse(names.encode(), ctypes.byref(value)))
    return value.value


def flags(value: int) -> list[str]:
    """The names of the single bits of a mask."""
    text = ctypes.create_string_buffer(512)
    _mask_names(value, text, len(text))
    return text.value.decode().split("|") if text.value else []


class Event(NamedTuple):
    """An event of the kernel; the name is bytes."""

    wd: int
    mask: int
    cookie: int
    len: int
    name: bytes

    def __str__(self) -> str:
        names = ", ".join(":" + name for name in flags(self.mask))
        return (f"wd: {self.wd}, mask: {self.mask:x}, flags: [{names}], cookie: {self.cookie}, len: {self.len}, "
                f"name: {os.fsdecode(self.name)}")


class Change(NamedTuple):
    """A change of a tree; the paths are absolute, and bytes."""

    sequence: int
    kind: str
    path: bytes
    old_path: Optional[bytes]
    reason: str

    def __str__(self) -> str:
        path = os.fsdecode(self.path)
        if self.old_path is not None:
            path = f"{os.fsdecode(self.old_path)} -> {path}"
        return f"{self.kind:<8} {path}{': ' if self.reason else ''}{self.reason}".rstrip()


class Inotify:
    """One instance of inotify(7)."""

    def __init__(self) -> None:
        self._fd = self._call("inotify_init1", _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._watches: set[int] = set()

    def add(self, path, names: str = "IN_ALL_EVENTS") -> int:
        """Watches a path, and answers the number of the watch."""
        wd = self._call(path, _libc.inotify_add_watch(self._fd, os.fsencode(path), mask(names)))
        self._watches.add(wd)
        return wd

    def remove(self, wd: int) -> bool:
        """False where the kernel had removed the watch itself."""
        self._watches.discard(wd)
        return _libc.inotify_rm_watch(self._fd, wd) == 0

    def read(self) -> list[Event]:
        """What is there now, without waiting."""
        events = []

        # ctypes prints and drops what a callback raises; this one only keeps what it is given.
        def keep(event, name):
            e = event.contents
            events.append(Event(e.wd, e.mask, e.cookie, e.len, name))

        status = _watch(self._fd, _Callback(keep))
        if status > 0:
            raise OSError(status, os.strerror(status))
        self._watches.difference_update(event.wd for event in events if event.mask & IN_IGNORED)
        return events

    def __iter__(self) -> Iterator[Event]:
        while True:
            select.select([self._fd], [], [])
            yield from self.read()

    def close(self) -> None:
        if self._fd >= 0:
            for wd in list(self._watches):
                self.remove(wd)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> "Inotify":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @staticmethod
    def _call(what, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), os.fspath(what))
        return result


class Tree:
    """Whole trees: every change, in order, nothing lost."""

    IGNORE_FILES, NOT_RECURSIVE, ONE_FILE_SYSTEM, REPORT_INITIAL, WAIT_FOR_ROOTS = 1, 2, 4, 8, 16

    def __init__(self, *paths, ignore=(), include=(), flags: int = 0, settle_ms: int = 0) -> None:
        self._handle = _handle()
        options = _Options(
            size=ctypes.sizeof(_Options), ignore=self._array(ignore), ignore_count=len(ignore),
            include=self._array(include), include_count=len(include), flags=flags, settle_ms=settle_ms)
        _check(_open(self._array(paths), len(paths), ctypes.byref(options), ctypes.byref(self._handle)))
        self._changes = (_Change * 256)()
        self._text = ctypes.create_string_buffer(64 * 1024)

    def fileno(self) -> int:
        """For select, selectors and asyncio: readable while changes are waiting."""
        return _fd(self._handle)

    def add(self, path) -> None:
        _check(_add(self._handle, os.fsencode(path)))

    def remove(self, path) -> None:
        _check(_remove(self._handle, os.fsencode(path)))

    def sync(self, timeout_ms: int = -1) -> None:
        """Waits until all that happened before is there to be read."""
        _check(_sync(self._handle, timeout_ms))

    def read(self) -> Optional[list[Change]]:
        """What is there now, without waiting; None where nothing will come any more."""
        count = _size_t()
        status = _read(
            self._handle, self._changes, len(self._changes), self._text, len(self._text), ctypes.byref(count))
        if status == errno.ENODATA:
            return None
        if status != errno.EAGAIN:
            _check(status)
        return [self._change(change) for change in self._changes[:count.value]]

    def __iter__(self) -> Iterator[Change]:
        while True:
            select.select([self], [], [])
            changes = self.read()
            if changes is None:
                return
            yield from changes

    def close(self) -> None:
        _close(self._handle)
        self._handle = _handle()

    def __enter__(self) -> "Tree":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @staticmethod
    def _array(texts):
        return (ctypes.c_char_p * max(len(texts), 1))(*map(os.fsencode, texts))

    @staticmethod
    def _change(native: _Change) -> Change:
        return Change(
            native.sequence,
            _kind_name(native.kind).decode(),
            ctypes.string_at(native.path, native.path_bytes),
            ctypes.string_at(native.old_path, native.old_path_bytes) if native.old_path_bytes else None,
            ctypes.string_at(native.reason, native.reason_bytes).decode())
