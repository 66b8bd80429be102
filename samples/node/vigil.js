// Vigil's watchers for Node: the kernel's own events of directories, and every change of a whole tree.
//
//   const inotify = new Inotify();
//   inotify.add('src', 'create|delete');
//   for await (const event of inotify) console.log(`${event}`);      // until inotify.close()
//
//   const tree = new Tree(['src'], { ignore: ['*.tmp'] });
//   for await (const change of tree) console.log(`${change}`);       // until tree.close()
//
// Nothing here holds the event loop: what waits does so on a thread of koffi's pool.

import koffi from 'koffi';

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const IN_IGNORED = 0x8000;
const POLLIN = 1;
const { EAGAIN, ECANCELED, EINTR, EINVAL, ENODATA } = koffi.os.errno;

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
koffi.struct('pollfd', { fd: 'int', events: 'short', revents: 'short' });
koffi.proto('void event_callback(inotify_event *event, void *name)');

const inotifyInit = libc.func('int inotify_init1(int flags)');
const inotifyAdd = libc.func('int inotify_add_watch(int fd, const char *path, uint32_t mask)');
const inotifyRemove = libc.func('int inotify_rm_watch(int fd, int wd)');
const eventfd = libc.func('int eventfd(unsigned int count, int flags)');
const eventfdWrite = libc.func('int eventfd_write(int fd, uint64_t value)');
const poll = libc.func('int poll(_Inout_ pollfd *fds, unsigned long count, int timeout_ms)');
const closeDescriptor = libc.func('int close(int fd)');
const watch = library.func('int watch(int fd, event_callback *callback)');
const maskNames = library.func('size_t vigil_mask_names(uint32_t mask, _Out_ uint8_t *text, size_t size)');
const maskParse = library.func('int vigil_mask_parse(const char *names, _Out_ uint32_t *mask)');
const treeOpen = library.func(
  'int vigil_tree_open(const char **paths, size_t count, vigil_tree_options *options, _Out_ void **tree)');
const treeWait = library.func('int vigil_tree_wait(void *tree, int timeout_ms)');
const treeRead = library.func(
  'int vigil_tree_read(void *tree, void *changes, size_t capacity, void *text, size_t bytes, _Out_ size_t *count)');
const treeClose = library.func('void vigil_tree_close(void *tree)');
const kindName = library.func('const char *vigil_kind_name(int kind)');
const lastError = library.func('const char *vigil_last_error()');

function fail(call, errno) {
  const name = Object.keys(koffi.os.errno).find((key) => koffi.os.errno[key] === errno) ?? `errno ${errno}`;
  throw Object.assign(new Error(`${call}: ${name}`), { errno, code: name });
}

function check(status) {
  if (status !== 0) throw Object.assign(new Error(lastError()), { errno: status });
}

// A function of koffi on a thread of its pool.
function onThread(native, ...args) {
  return new Promise((resolve, reject) => {
    native.async(...args, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** The names of the single bits of a mask. */
export function flags(mask) {
  const text = Buffer.alloc(512);
  const length = maskNames(mask, text, text.length);
  return length === 0 ? [] : text.toString('latin1', 0, Number(length)).split('|');
}

/** An event of the kernel. */
export class Event {
  constructor({ wd, mask, cookie, len }, name) {
    Object.assign(this, { wd, mask, cookie, len, name });
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
  #stop = eventfd(0, IN_NONBLOCK | IN_CLOEXEC);
  #watches = new Set();
  #closed = false;

  constructor() {
    if (this.#fd < 0 || this.#stop < 0) fail('inotify_init1', koffi.errno());
  }

  /** Watches a path, and answers the number of the watch. */
  add(path, names = 'IN_ALL_EVENTS') {
    const mask = [0];
    check(maskParse(names, mask));
    const wd = inotifyAdd(this.#fd, path, mask[0]);
    if (wd < 0) fail(path, koffi.errno());
    this.#watches.add(wd);
    return wd;
  }

  /** What is there now, without waiting. */
  read() {
    const events = [];
    const status = watch(this.#fd, (pointer, name) => {
      const event = koffi.decode(pointer, RawEvent);
      events.push(new Event(event, event.len === 0 ? '' : koffi.decode(name, 'char', -1)));
    });
    if (status > 0) fail('watch', status);
    for (const event of events) if (event.mask & IN_IGNORED) this.#watches.delete(event.wd);
    return events;
  }

  /** Every event, until it is closed. */
  async *[Symbol.asyncIterator]() {
    try {
      while (!this.#closed) {
        const fds = [{ fd: this.#fd, events: POLLIN, revents: 0 }, { fd: this.#stop, events: POLLIN, revents: 0 }];
        await onThread(poll, fds, fds.length, -1);
        if (!this.#closed) yield* this.read();
      }
    } finally {
      for (const wd of this.#watches) inotifyRemove(this.#fd, wd);
      closeDescriptor(this.#fd);
      closeDescriptor(this.#stop);
    }
  }

  /** Ends the iteration, which then removes the watches and closes the descriptors. */
  close() {
    if (!this.#closed) {
      this.#closed = true;
      eventfdWrite(this.#stop, 1);
    }
  }
}

/** A change of a tree. */
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
  #changes = koffi.alloc('uint8_t', BATCH * CHANGE_BYTES);
  #text = koffi.alloc('uint8_t', TEXT_BYTES);

  constructor(paths, { ignore = [], include = [], flags = 0, settleMs = 0 } = {}) {
    const handle = [null];
    check(treeOpen(paths, paths.length, {
      size: koffi.sizeof(RawOptions), ignore, ignore_count: ignore.length, include, include_count: include.length,
      flags, kinds: 0, backend: 0, settle_ms: settleMs, poll_interval_ms: 0, capacity: 0,
    }, handle));
    this.#handle = handle[0];
  }

  /** What is there now, without waiting; null where nothing will come any more. */
  read() {
    const count = [0];
    const status = treeRead(this.#handle, this.#changes, BATCH, this.#text, TEXT_BYTES, count);
    if (status === ENODATA) return null;
    if (status !== EAGAIN) check(status);
    return koffi.decode(this.#changes, koffi.array(RawChange, Number(count[0]))).map((raw) => new Change({
      sequence: raw.sequence,
      kind: kindName(raw.kind),
      path: text(raw.path, raw.path_bytes),
      oldPath: raw.old_path_bytes === 0 ? null : text(raw.old_path, raw.old_path_bytes),
      reason: text(raw.reason, raw.reason_bytes),
    }));
  }

  /** Every change, until it is closed or every watched path is gone. */
  async *[Symbol.asyncIterator]() {
    try {
      while (this.#handle !== null) {
        const status = await onThread(treeWait, this.#handle, -1);
        if (status === ECANCELED || status === EINVAL || this.#handle === null) return;
        const changes = status === EINTR ? [] : this.read();
        if (changes === null) return;
        yield* changes;
      }
    } finally {
      this.close();
    }
  }

  /** Ends the iteration, and gives everything back. */
  close() {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) treeClose(handle);
  }
}

function text(pointer, bytes) {
  return bytes === 0 ? '' : Buffer.from(koffi.decode(pointer, koffi.array('uint8_t', bytes, 'Typed'))).toString();
}
