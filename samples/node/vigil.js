// Vigil's watchers for Node: the kernel's own events of directories, and every change of a whole tree.
//
//   const inotify = new Inotify();
//   inotify.add('src', 'create|delete');
//   for await (const event of inotify) console.log(`${event}`);      // until inotify.close(), or a break
//
//   const tree = await Tree.open(['src'], { ignore: ['*.tmp'] });
//   for await (const change of tree) console.log(`${change}`);       // until tree.close(), or a break
//
// Nothing here holds the event loop, and what waits holds no thread either: it is the event loop that waits.

import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const IN_IGNORED = 0x8000;
const { EAGAIN, ENODATA } = koffi.os.errno;

const CHANGE_BYTES = 64;
const BATCH = 256;
const TEXT_BYTES = 64 * 1024;

// A path in VIGIL_LIBRARY, or the library that is installed.
const library = koffi.load(process.env.VIGIL_LIBRARY ?? 'libinotify.so.0');
const libc = koffi.load(null);

const RawEvent = koffi.struct('inotify_event', { wd: 'int32', mask: 'uint32', cookie: 'uint32', len: 'uint32' });
const RawChange = koffi.struct('vigil_change', {
  sequence: 'uint64', time_us: 'int64', path: 'void *', old_path: 'void *', reason: 'void *',
  path_bytes: 'uint32', old_path_bytes: 'uint32', reason_bytes: 'uint32',
  kind: 'uint8', type: 'uint8', flags: 'uint16', reserved: 'uint64',
});
const RawOptions = koffi.struct('vigil_tree_options', {
  size: 'size_t', ignore: 'const char **', ignore_count: 'size_t', include: 'const char **', include_count: 'size_t',
  flags: 'uint32', kinds: 'uint32', backend: 'uint32', settle_ms: 'uint32', poll_interval_ms: 'uint32',
  capacity: 'uint32',
});
koffi.proto('void event_callback(inotify_event *event, void *name)');

const inotifyInit = libc.func('int inotify_init1(int flags)');
const inotifyAdd = libc.func('int inotify_add_watch(int fd, const char *path, uint32_t mask)');
const inotifyRemove = libc.func('int inotify_rm_watch(int fd, int wd)');
const closeDescriptor = libc.func('int close(int fd)');
const strlen = libc.func('size_t strlen(void *text)');
const watch = library.func('int watch(int fd, event_callback *callback)');
const maskNames = library.func('size_t vigil_mask_names(uint32_t mask, _Out_ uint8_t *text, size_t size)');
const maskParse = library.func('int vigil_mask_parse(const char *names, _Out_ uint32_t *mask)');
const treeOpen = library.func(
  'int vigil_tree_open(const char **paths, size_t count, vigil_tree_options *options, _Out_ void **tree)');
const treeDescriptor = library.func('int vigil_tree_fd(void *tree)');
const treeRead = library.func(
  'int vigil_tree_read(void *tree, void *changes, size_t capacity, void *text, size_t bytes, _Out_ size_t *count)');
const treeClose = library.func('void vigil_tree_close(void *tree)');
const kindName = library.func('const char *vigil_kind_name(int kind)');
const lastError = library.func('const char *vigil_last_error()');

// An errno(3) in words.
function reason(errno) {
  return getSystemErrorMap().get(-errno)?.[1] ?? `errno ${errno}`;
}

function fail(message, errno) {
  const code = Object.keys(koffi.os.errno).find((key) => koffi.os.errno[key] === errno) ?? `errno ${errno}`;
  throw Object.assign(new Error(message), { errno, code });
}

function check(status) {
  if (status !== 0) fail(lastError(), status);
}

// A NUL would end a path early, and something else would be watched.
function path(text) {
  if (text.includes('\0')) throw new TypeError('a path has no NUL');
  return text;
}

// A function that takes its time, on a thread of Node's pool.
function onThread(native, ...args) {
  return new Promise((resolve, reject) => {
    native.async(...args, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

// One wait of the event loop until a descriptor is readable, or until end(), which has to come before it is closed.
class Wait {
  #handle;
  #resolve;

  constructor(fd) {
    this.over = new Promise((resolve) => { this.#resolve = resolve; });
    this.#handle = koffi.node.poll(fd, () => this.end());
  }

  end() {
    this.#handle.close();
    setImmediate(this.#resolve); // koffi calls back outside of what runs promises
  }
}

/** The names of the single bits of a mask. */
export function flags(mask) {
  const text = Buffer.alloc(512);
  const length = maskNames(mask, text, text.length);
  return length === 0 ? [] : text.toString('latin1', 0, Number(length)).split('|');
}

/** An event of the kernel. The name is text, with U+FFFD where it is not UTF-8, and its bytes. */
export class Event {
  constructor({ wd, mask, cookie, len }, nameBytes) {
    Object.assign(this, { wd, mask, cookie, len, name: nameBytes.toString(), nameBytes });
  }

  toString() {
    const names = flags(this.mask).map((flag) => `:${flag}`).join(', ');
    return `wd: ${this.wd}, mask: ${this.mask.toString(16)}, flags: [${names}], cookie: ${this.cookie}, ` +
      `len: ${this.len}, name: ${this.name}`;
  }
}

/** One instance of inotify(7). */
export class Inotify {
  #fd = inotifyInit(IN_NONBLOCK | IN_CLOEXEC);
  #watches = new Set();
  #wait = null;
  #isIterated = false;

  constructor() {
    if (this.#fd < 0) {
      const errno = koffi.errno();
      fail(`inotify_init1: ${reason(errno)}`, errno);
    }
  }

  /** Watches a path, and answers the number of the watch. */
  add(directory, names = 'IN_ALL_EVENTS') {
    const mask = [0];
    check(maskParse(path(names), mask));
    const wd = inotifyAdd(this.#open(), path(directory), mask[0]);
    if (wd < 0) {
      const errno = koffi.errno();
      fail(`${directory}: ${reason(errno)}`, errno);
    }
    this.#watches.add(wd);
    return wd;
  }

  /** What is there now, without waiting. */
  read() {
    const events = [];
    const status = watch(this.#open(), (pointer, name) => {
      events.push(new Event(koffi.decode(pointer, RawEvent), Buffer.from(koffi.decode(name, 'uint8_t', strlen(name)))));
    });
    if (status > 0) fail(`watch: ${reason(status)}`, status);
    for (const event of events) if (event.mask & IN_IGNORED) this.#watches.delete(event.wd);
    return events;
  }

  /** Every event, until it is closed; one iteration at a time, and where that ends, it is closed. */
  async *[Symbol.asyncIterator]() {
    if (this.#isIterated) throw new Error('another iteration is under way');
    this.#isIterated = true;
    try {
      while (this.#fd >= 0) {
        this.#wait = new Wait(this.#fd);
        await this.#wait.over;
        if (this.#fd >= 0) yield* this.read();
      }
    } finally {
      this.#isIterated = false;
      this.close();
    }
  }

  /** Removes the watches, closes the descriptor, and ends the iteration. */
  close() {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    this.#wait?.end();
    for (const wd of this.#watches) inotifyRemove(fd, wd);
    closeDescriptor(fd);
  }

  #open() {
    if (this.#fd < 0) throw new Error('the instance is closed');
    return this.#fd;
  }
}

/** A change of a tree. The paths are text, with U+FFFD where they are not UTF-8, and their bytes. */
export class Change {
  constructor(fields) {
    Object.assign(this, fields);
  }

  toString() {
    const path = this.oldPath === null ? this.path : `${this.oldPath} -> ${this.path}`;
    return `${this.kind.padEnd(8)} ${path}${this.reason && `: ${this.reason}`}`.trimEnd();
  }
}

/** Whole trees: every change, in order, nothing lost. */
export class Tree {
  #handle;
  #closed = null;
  #wait = null;
  #isIterated = false;
  #changes = Buffer.alloc(BATCH * CHANGE_BYTES);
  #text = Buffer.alloc(TEXT_BYTES);

  /** Resolves when all below the paths is watched. The first look at them is taken on a thread of Node's pool. */
  static async open(paths, { ignore = [], include = [], flags = 0, settleMs = 0 } = {}) {
    const [watched, ignored, included] = [paths, ignore, include].map((texts) => [texts].flat().map(path));
    const handle = [null];
    const call = [watched, watched.length, {
      size: koffi.sizeof(RawOptions), ignore: ignored, ignore_count: ignored.length,
      include: included, include_count: included.length,
      flags, kinds: 0, backend: 0, settle_ms: settleMs, poll_interval_ms: 0, capacity: 0,
    }, handle];
    // What a failure says is kept for the thread that it came on. So it is asked for once more, on this one.
    if (await onThread(treeOpen, ...call) !== 0) check(treeOpen(...call));
    return new Tree(handle[0]);
  }

  /** Of what open() was given by the library. */
  constructor(handle) {
    this.#handle = handle;
  }

  /** What is there now, without waiting; null where nothing will come any more. */
  read() {
    if (this.#handle === null) throw new Error('the tree is closed');
    const count = [0];
    const status = treeRead(this.#handle, this.#changes, BATCH, this.#text, TEXT_BYTES, count);
    if (status === ENODATA) return null;
    if (status !== EAGAIN) check(status);
    return Array.from({ length: Number(count[0]) }, (_, i) => this.#change(i));
  }

  /** Every change, until it is closed or every watched path is gone; one iteration at a time, which closes it. */
  async *[Symbol.asyncIterator]() {
    if (this.#isIterated) throw new Error('another iteration is under way');
    this.#isIterated = true;
    try {
      while (this.#handle !== null) {
        this.#wait = new Wait(treeDescriptor(this.#handle));
        await this.#wait.over;
        const changes = this.#handle === null ? null : this.read();
        if (changes === null) return;
        yield* changes;
      }
    } finally {
      this.#isIterated = false;
      await this.close();
    }
  }

  /** Ends the iteration, and resolves when everything is given back. */
  close() {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release() {
    const handle = this.#handle;
    this.#handle = null;
    this.#wait?.end();
    await onThread(treeClose, handle);
  }

  #change(index) {
    const raw = koffi.decode(this.#changes, index * CHANGE_BYTES, RawChange);
    const base = koffi.address(this.#text);
    const bytes = (pointer, length) => {
      const start = length === 0 ? 0 : Number(pointer - base);
      return Buffer.from(this.#text.subarray(start, start + length));
    };
    const [pathBytes, oldPathBytes] = [bytes(raw.path, raw.path_bytes), bytes(raw.old_path, raw.old_path_bytes)];
    const isRenamed = oldPathBytes.length > 0;
    return new Change({
      sequence: raw.sequence,
      kind: kindName(raw.kind),
      path: pathBytes.toString(),
      oldPath: isRenamed ? oldPathBytes.toString() : null,
      reason: bytes(raw.reason, raw.reason_bytes).toString(),
      pathBytes,
      oldPathBytes: isRenamed ? oldPathBytes : null,
    });
  }
}
