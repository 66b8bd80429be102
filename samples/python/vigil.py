"""Vigil's watchers for Python: the kernel's own events of directories, every change of a whole tree, and the changes of
a tree that a server watches for every process.

    with Inotify() as inotify:
        inotify.add("src", "create|delete")
        for event in inotify:
            print(event)

    with Tree("src", ignore=["*.tmp"]) as tree:
        for change in tree:
            print(change)

    with Bus("src", flags=Bus.FDS, since=saved) as bus:
        for change in bus:
            saved = change.position

Ctrl-C raises KeyboardInterrupt in every loop; leaving the `with` gives everything back.
"""

import collections
import ctypes
import errno
import io
import os
import select
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator, NamedTuple, Optional

# A path in VIGIL_LIBRARY, or the library that is installed.
_library = ctypes.CDLL(os.environ.get("VIGIL_LIBRARY", "libinotify.so.0"))
_libc = ctypes.CDLL(None, use_errno=True)


class _Event(ctypes.Structure):
    _fields_ = [
        ("wd", ctypes.c_int32), ("mask", ctypes.c_uint32), ("cookie", ctypes.c_uint32), ("len", ctypes.c_uint32),
    ]


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


class _Position(ctypes.Structure):
    _fields_ = [("epoch", ctypes.c_uint64), ("number", ctypes.c_uint64)]


class _BusChange(ctypes.Structure):
    _fields_ = [
        ("change", _Change), ("position", _Position), ("fd", ctypes.c_int32), ("fd_error", ctypes.c_int32),
        ("reserved", ctypes.c_uint64),
    ]


class _BusOptions(ctypes.Structure):
    _fields_ = _Options._fields_[:5] + [
        ("since", _Position), ("socket", ctypes.c_char_p),
        ("start", ctypes.POINTER(ctypes.c_char_p)), ("start_count", ctypes.c_size_t),
        ("flags", ctypes.c_uint32), ("kinds", ctypes.c_uint32),
        ("reconnect_ms", ctypes.c_uint32), ("capacity", ctypes.c_uint32),
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
_bus_arguments = [_text, ctypes.POINTER(_BusOptions)]
_bus_subscribe = _declare("vigil_bus_subscribe", _int, *_bus_arguments, ctypes.POINTER(_handle))
_bus_since = _declare("vigil_bus_since", _int, *_bus_arguments, ctypes.POINTER(_handle))
_bus_clock = _declare("vigil_bus_clock", _int, *_bus_arguments, ctypes.POINTER(_Position))
_bus_fd = _declare("vigil_bus_fd", _int, _handle)
_bus_read = _declare(
    "vigil_bus_read", _int, _handle, ctypes.POINTER(_BusChange), _size_t, ctypes.c_char_p, _size_t,
    ctypes.POINTER(_size_t))
_bus_sync = _declare("vigil_bus_sync", _int, _handle, _int)
_bus_position = _declare("vigil_bus_position", _int, _handle, ctypes.POINTER(_Position))
_bus_close = _declare("vigil_bus_close", None, _handle)
_position_text = _declare("vigil_position_text", _size_t, ctypes.POINTER(_Position), ctypes.c_char_p, _size_t)
_position_parse = _declare("vigil_position_parse", _int, _text, ctypes.POINTER(_Position))
_kind_name = _declare("vigil_kind_name", _text, _int)
_last_error = _declare("vigil_last_error", _text)

IN_IGNORED = 0x8000


def _check(status: int) -> None:
    if status != 0:
        raise OSError(status, _last_error().decode())


def _path(path) -> bytes:
    """A path as C sees it; a NUL would end it early, and something else would be watched."""
    text = os.fsencode(path)
    if b"\0" in text:
        raise ValueError("embedded null byte")
    return text


def mask(names: str) -> int:
    """The mask of flags by name, such as "create|IN_CLOSE_WRITE"."""
    value = ctypes.c_uint32()
    _check(_mask_parse(_path(names), ctypes.byref(value)))
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
    """One instance of inotify(7). One thread at a time uses it."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._watches: set[int] = set()
        self._events: collections.deque[Event] = collections.deque()
        # Python raises Ctrl-C on the main thread, wherever that is: also in a callback, where ctypes prints and drops
        # it. So another thread calls watch. It is started here, where an interrupt leaves no half of it behind.
        self._caller = ThreadPoolExecutor(1, "inotify")
        self._caller.submit(int).result()
        self._fd = self._call("inotify_init1", _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._finalizer = weakref.finalize(self, os.close, self._fd)  # with close(), or where nobody has it any more

    def add(self, path, names: str = "IN_ALL_EVENTS") -> int:
        """Watches a path, and answers the number of the watch."""
        wd = self._call(path, _libc.inotify_add_watch(self.fileno(), _path(path), mask(names)))
        self._watches.add(wd)
        return wd

    def remove(self, wd: int) -> bool:
        """False where the kernel had removed the watch itself."""
        self._watches.discard(wd)
        return _libc.inotify_rm_watch(self.fileno(), wd) == 0

    def fileno(self) -> int:
        """For select, selectors and asyncio: readable while events are waiting."""
        if self._fd < 0:
            raise ValueError("the instance is closed")
        if os.getpid() != self._process:
            raise ValueError("an instance of the process before fork")
        return self._fd

    def read(self) -> list[Event]:
        """What is there now, without waiting."""
        self._gather()
        events, self._events = self._events, collections.deque()
        return list(events)

    def __iter__(self) -> Iterator[Event]:
        """Every event, for ever. What was not taken stays for the next."""
        while True:
            self._gather()  # first: what an iteration that was broken off has taken is no longer in the descriptor
            while self._events:
                yield self._events.popleft()
            select.select([self], [], [])

    def close(self) -> None:
        if self._fd < 0:
            return
        if os.getpid() == self._process:
            self._caller.shutdown()
            for wd in list(self._watches):
                self.remove(wd)
        self._fd = -1
        self._finalizer()  # a child of fork(2) shares the watches with its parent, and only lets go of them

    def __enter__(self) -> "Inotify":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # Where Ctrl-C ends the wait, the events stay: the next call waits for both.
    def _gather(self) -> None:
        status = self._caller.submit(self._watch, self.fileno()).result()
        if status > 0:
            raise OSError(status, os.strerror(status))

    # ctypes would drop what the callback raises; this one only keeps what it is given.
    def _watch(self, fd: int) -> int:
        def keep(event, name):
            e = event.contents
            self._events.append(Event(e.wd, e.mask, e.cookie, e.len, name))
            if e.mask & IN_IGNORED:
                self._watches.discard(e.wd)

        return _watch(fd, _Callback(keep))

    @staticmethod
    def _call(what, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), os.fspath(what))
        return result


class BusChange(NamedTuple):
    """A change of a tree that a server watches."""

    sequence: int
    kind: str
    path: bytes
    old_path: Optional[bytes]
    reason: str
    position: Optional[str]  # such as 5f0c9d21e8b3a647:1234: what comes after it can be asked for
    file: Optional[io.FileIO]  # with FDS the file itself, whatever its name stands for by now; close it
    file_error: int  # the errno of why there is none, where one was to come; else 0

    def __str__(self) -> str:
        return f"{self.position or 'none'} {Change(*self[:5])}"


def _change(native: _Change) -> Change:
    return Change(
        native.sequence,
        _kind_name(native.kind).decode(),
        ctypes.string_at(native.path, native.path_bytes),
        ctypes.string_at(native.old_path, native.old_path_bytes) if native.old_path_bytes else None,
        ctypes.string_at(native.reason, native.reason_bytes).decode())


def _array(texts):
    return (ctypes.c_char_p * max(len(texts), 1))(*map(_path, texts))


def _patterns(patterns) -> list:
    if isinstance(patterns, (str, bytes)):
        raise TypeError("patterns are a list of texts, not one text")
    return list(patterns)


def _close_stream(close, handle: int, process: int) -> None:
    if os.getpid() == process:  # in a child of fork(2) there is nothing to close
        close(handle)


class _Stream:
    """What trees and subscriptions have in common. One thread at a time reads; close may come at any time."""

    def __init__(self, changes, fd, read, sync, close, take) -> None:
        self._changes = changes
        self._text = ctypes.create_string_buffer(64 * 1024)
        self._count = _size_t()
        self._waiting: collections.deque = collections.deque()
        self._process = os.getpid()
        self._fd_of, self._read_from, self._sync_of, self._close_of, self._take = fd, read, sync, close, take

    def _open(self, open_native) -> None:
        handle = _handle()
        try:
            _check(open_native(ctypes.byref(handle)))
            # Closes it once: with close(), where nobody has it any more, or when the program ends.
            self._finalizer = weakref.finalize(self, _close_stream, self._close_of, handle.value, self._process)
        except BaseException:
            self._close_of(handle)  # Ctrl-C while it was opened; NULL is nothing to do
            raise
        self._handle = handle.value

    def fileno(self) -> int:
        """For select, selectors and asyncio: readable while changes are waiting."""
        return self._fd_of(self._open_handle())

    def sync(self, timeout_ms: int = -1) -> None:
        """Waits until all that happened before is there to be read."""
        _check(self._sync_of(self._open_handle(), timeout_ms))

    def read(self) -> Optional[list]:
        """What is there now, without waiting; None where nothing will come any more."""
        self._open_handle()
        if not self._gather():
            return None
        changes, self._waiting = self._waiting, collections.deque()
        return list(changes)

    def __iter__(self) -> Iterator:
        """Every change, until it is closed or nothing will come any more. What was not taken stays."""
        # A copy: whoever closes it meanwhile does not take away what is waited for here.
        with open(os.dup(self.fileno()), "rb", buffering=0) as ready:
            while True:
                if not self._gather():  # first: what one that was broken off has taken does not show in the descriptor
                    return
                while self._waiting:
                    yield self._waiting.popleft()
                select.select([ready], [], [])

    def close(self) -> None:
        self._handle = None
        self._finalizer()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _open_handle(self) -> int:
        if self._handle is None:
            raise ValueError("it is closed")
        if os.getpid() != self._process:
            raise ValueError("one of the process before fork")
        return self._handle

    # False where nothing will come any more. What Ctrl-C kept from being taken is taken first.
    def _gather(self) -> bool:
        if self._waiting:
            return True
        if self._count.value == 0:
            status = self._read_from(
                self._handle, self._changes, len(self._changes), self._text, len(self._text),
                ctypes.byref(self._count))
            if status == errno.ENODATA or self._handle is None:
                return False
            if status != errno.EAGAIN:
                _check(status)
        changes = collections.deque(self._take(change) for change in self._changes[:self._count.value])
        self._waiting, self._count.value = changes, 0
        return True


class Tree(_Stream):
    """Whole trees: every change, in order, nothing lost."""

    IGNORE_FILES, NOT_RECURSIVE, ONE_FILE_SYSTEM, REPORT_INITIAL, WAIT_FOR_ROOTS = 1, 2, 4, 8, 16

    def __init__(self, *paths, ignore=(), include=(), flags: int = 0, settle_ms: int = 0) -> None:
        super().__init__((_Change * 256)(), _fd, _read, _sync, _close, _change)
        ignored, included = _patterns(ignore), _patterns(include)
        options = _Options(
            size=ctypes.sizeof(_Options), ignore=_array(ignored), ignore_count=len(ignored),
            include=_array(included), include_count=len(included), flags=flags, settle_ms=settle_ms)
        self._open(lambda handle: _open(_array(paths), len(paths), ctypes.byref(options), handle))

    def add(self, path) -> None:
        _check(_add(self._open_handle(), _path(path)))

    def remove(self, path) -> None:
        _check(_remove(self._open_handle(), _path(path)))


class Bus(_Stream):
    """A tree that a server watches for every process (`vigil serve`)."""

    INITIAL, FDS, LOCAL, START = 1, 2, 4, 8

    def __init__(self, root, *, ignore=(), include=(), flags: int = 0, since: Optional[str] = None, socket=None,
                 start=(), once: bool = False) -> None:
        """Subscribes; with once, asks what happened since and before now, and then ends.

        since: a position; start: with START, the program that becomes a server, and its arguments.
        """
        super().__init__((_BusChange * 64)(), _bus_fd, _bus_read, _bus_sync, _bus_close, self._take_one)
        options = self._options(_patterns(ignore), _patterns(include), flags, since, socket, _patterns(start))
        ask = _bus_since if once else _bus_subscribe
        self._open(lambda handle: ask(_path(root), ctypes.byref(options), handle))

    @staticmethod
    def clock(root, socket=None) -> str:
        """The position of a tree now: everything that happened before is before it."""
        position = _Position()
        options = Bus._options([], [], 0, None, socket, [])
        _check(_bus_clock(_path(root), ctypes.byref(options), ctypes.byref(position)))
        return Bus._text_of(position)

    @property
    def position(self) -> Optional[str]:
        """The position after everything that was read: the one to keep, and to go on from."""
        position = _Position()
        _check(_bus_position(self._open_handle(), ctypes.byref(position)))
        return self._text_of(position)

    # A file belongs to whoever gets the change, and closes itself where nobody has it any more. Where Ctrl-C comes in
    # between, it is closed, and the change comes without.
    @staticmethod
    def _take_one(native: _BusChange) -> BusChange:
        file = None
        if native.fd >= 0:
            file, native.fd = io.FileIO(native.fd), -1
        return BusChange(*_change(native.change), Bus._text_of(native.position), file, native.fd_error)

    @staticmethod
    def _text_of(position: _Position) -> Optional[str]:
        if position.epoch == 0:
            return None
        text = ctypes.create_string_buffer(48)
        _position_text(ctypes.byref(position), text, len(text))
        return text.value.decode()

    @staticmethod
    def _options(ignored, included, flags, since, socket, start) -> _BusOptions:
        options = _BusOptions(
            size=ctypes.sizeof(_BusOptions), ignore=_array(ignored), ignore_count=len(ignored),
            include=_array(included), include_count=len(included), flags=flags,
            start=_array(start), start_count=len(start), socket=None if socket is None else _path(socket))
        if since is not None:
            _check(_position_parse(_path(since), ctypes.byref(options.since)))
        return options
