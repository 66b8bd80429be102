//! The C interface of libinotify (vigil.h) as Rust sees it, and what the samples need of the C library.
#![allow(dead_code)]

use std::cell::RefCell;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::mem::size_of;
use std::os::raw::{c_char, c_int, c_short, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr;

#[repr(C)]
pub struct RawEvent {
    pub wd: i32,
    pub mask: u32,
    pub cookie: u32,
    pub len: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct RawChange {
    sequence: u64,
    time_us: i64,
    path: *const u8,
    old_path: *const u8,
    reason: *const u8,
    path_bytes: u32,
    old_path_bytes: u32,
    reason_bytes: u32,
    kind: u8,
    kind_of_entry: u8,
    flags: u16,
    reserved: u64,
}

/// vigil_tree_options. `Options::default()` is what is right most of the time.
#[repr(C)]
pub struct Options {
    size: usize,
    ignore: *const *const c_char,
    ignore_count: usize,
    include: *const *const c_char,
    include_count: usize,
    pub flags: u32,
    pub kinds: u32,
    pub backend: u32,
    pub settle_ms: u32,
    pub poll_interval_ms: u32,
    pub capacity: u32,
}

const _: () = assert!(size_of::<RawEvent>() == 16 && size_of::<RawChange>() == 64 && size_of::<Options>() == 64);

impl Default for Options {
    fn default() -> Options {
        Options {
            size: size_of::<Options>(),
            ignore: ptr::null(),
            ignore_count: 0,
            include: ptr::null(),
            include_count: 0,
            flags: 0,
            kinds: 0,
            backend: 0,
            settle_ms: 0,
            poll_interval_ms: 0,
            capacity: 0,
        }
    }
}

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

#[link(name = "inotify")]
extern "C" {
    fn watch(fd: c_int, callback: extern "C" fn(*mut RawEvent, *const c_char)) -> c_int;
    fn vigil_mask_names(mask: u32, text: *mut c_char, size: usize) -> usize;
    fn vigil_tree_open(
        paths: *const *const c_char, count: usize, options: *const Options, tree: *mut *mut c_void,
    ) -> c_int;
    fn vigil_tree_fd(tree: *mut c_void) -> c_int;
    fn vigil_tree_read(
        tree: *mut c_void, changes: *mut RawChange, capacity: usize, buffer: *mut u8, buffer_bytes: usize,
        count: *mut usize,
    ) -> c_int;
    fn vigil_tree_close(tree: *mut c_void);
    fn vigil_kind_name(kind: c_int) -> *const c_char;
    fn vigil_last_error() -> *const c_char;
}

extern "C" {
    fn inotify_init1(flags: c_int) -> c_int;
    fn inotify_add_watch(fd: c_int, path: *const c_char, mask: u32) -> c_int;
    fn inotify_rm_watch(fd: c_int, wd: c_int) -> c_int;
    fn close(fd: c_int) -> c_int;
    fn poll(fds: *mut PollFd, count: u64, timeout_ms: c_int) -> c_int;
    fn sigemptyset(set: *mut [u64; 16]) -> c_int;
    fn sigaddset(set: *mut [u64; 16], signal: c_int) -> c_int;
    fn pthread_sigmask(how: c_int, set: *const [u64; 16], old: *mut [u64; 16]) -> c_int;
    fn signalfd(fd: c_int, set: *const [u64; 16], flags: c_int) -> c_int;
}

const NONBLOCK: c_int = 0o4000;
const CLOEXEC: c_int = 0o2000000;
const POLLIN: c_short = 1;
const SIGINT: c_int = 2;
const SIG_BLOCK: c_int = 0;
const EAGAIN: c_int = 11;
const ENODATA: c_int = 61;

pub const IN_ALL_EVENTS: u32 = 0xfff;

/// Ctrl-C as a descriptor. Made before any thread, so that all of them leave the signal to it.
pub struct Interrupt(c_int);

impl Interrupt {
    pub fn new() -> io::Result<Interrupt> {
        let mut set = [0; 16];
        unsafe {
            sigemptyset(&mut set);
            sigaddset(&mut set, SIGINT);
            pthread_sigmask(SIG_BLOCK, &set, ptr::null_mut());
            descriptor(signalfd(-1, &set, NONBLOCK | CLOEXEC)).map(Interrupt)
        }
    }

    /// Waits until a descriptor is readable; false after Ctrl-C.
    pub fn wait_for(&self, fd: c_int) -> io::Result<bool> {
        let mut fds = [PollFd { fd, events: POLLIN, revents: 0 }, PollFd { fd: self.0, events: POLLIN, revents: 0 }];
        loop {
            match descriptor(unsafe { poll(fds.as_mut_ptr(), fds.len() as u64, -1) }) {
                Ok(_) => return Ok(fds[1].revents == 0),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        unsafe { close(self.0) };
    }
}

fn descriptor(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// The names of the single bits of a mask.
pub fn flags(mask: u32) -> Vec<String> {
    let mut text = [0 as c_char; 512];
    unsafe { vigil_mask_names(mask, text.as_mut_ptr(), text.len()) };
    let text = unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy();
    text.split('|').filter(|name| !name.is_empty()).map(String::from).collect()
}

/// An event of the kernel, with a name of its own.
pub struct Event {
    pub wd: i32,
    pub mask: u32,
    pub cookie: u32,
    pub len: u32,
    pub name: OsString,
}

thread_local! {
    // A callback of C has no place for a value of Rust. It is called on the thread that reads.
    static GATHERED: RefCell<Vec<Event>> = RefCell::new(Vec::new());
}

// Only copies, as it must not panic: that would abort, for a panic may not cross the library.
extern "C" fn keep(event: *mut RawEvent, name: *const c_char) {
    let (event, name) = unsafe { (&*event, CStr::from_ptr(name)) };
    let name = OsStr::from_bytes(name.to_bytes()).to_owned();
    GATHERED.with(|gathered| {
        let RawEvent { wd, mask, cookie, len } = *event;
        gathered.borrow_mut().push(Event { wd, mask, cookie, len, name });
    });
}

/// One instance of inotify(7) with one watch.
pub struct Inotify {
    pub fd: c_int,
    wd: c_int,
}

impl Inotify {
    pub fn new(path: &OsStr, mask: u32) -> io::Result<Inotify> {
        let path = CString::new(path.as_bytes())?;
        let mut inotify = Inotify { fd: descriptor(unsafe { inotify_init1(NONBLOCK | CLOEXEC) })?, wd: -1 };
        inotify.wd = descriptor(unsafe { inotify_add_watch(inotify.fd, path.as_ptr(), mask) })?;
        Ok(inotify)
    }

    /// What is there now, without waiting.
    pub fn read(&self) -> io::Result<Vec<Event>> {
        match unsafe { watch(self.fd, keep) } {
            status if status > 0 => Err(io::Error::from_raw_os_error(status)),
            _ => Ok(GATHERED.with(|gathered| gathered.take())),
        }
    }
}

impl Drop for Inotify {
    fn drop(&mut self) {
        unsafe {
            if self.wd >= 0 {
                inotify_rm_watch(self.fd, self.wd);
            }
            close(self.fd);
        }
    }
}

/// A change of a tree, with paths of its own.
pub struct Change {
    pub sequence: u64,
    pub kind: &'static str,
    pub path: PathBuf,
    pub old_path: Option<PathBuf>,
    pub reason: String,
}

/// Whole trees: every change, in order, nothing lost.
pub struct Tree {
    handle: *mut c_void,
    changes: Vec<RawChange>,
    text: Vec<u8>,
}

impl Tree {
    pub fn open(path: &OsStr, options: &Options) -> io::Result<Tree> {
        let path = CString::new(path.as_bytes())?;
        let mut handle = ptr::null_mut();
        match unsafe { vigil_tree_open(&path.as_ptr(), 1, options, &mut handle) } {
            0 => Ok(Tree { handle, changes: Vec::with_capacity(256), text: vec![0; 64 * 1024] }),
            _ => Err(last_error()),
        }
    }

    /// Readable while changes are waiting.
    pub fn fd(&self) -> c_int {
        unsafe { vigil_tree_fd(self.handle) }
    }

    /// What is there now, without waiting; None where nothing will come any more.
    pub fn read(&mut self) -> io::Result<Option<Vec<Change>>> {
        let mut count = 0;
        let status = unsafe {
            vigil_tree_read(
                self.handle, self.changes.as_mut_ptr(), self.changes.capacity(), self.text.as_mut_ptr(),
                self.text.len(), &mut count,
            )
        };
        // That many were written.
        unsafe { self.changes.set_len(count) };
        match status {
            0 | EAGAIN => Ok(Some(self.changes.iter().map(Change::copy_of).collect())),
            ENODATA => Ok(None),
            _ => Err(last_error()),
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        unsafe { vigil_tree_close(self.handle) }
    }
}

impl Change {
    // While the buffer is as it was read.
    fn copy_of(raw: &RawChange) -> Change {
        let bytes = |start, count| unsafe { std::slice::from_raw_parts::<u8>(start, count as usize) };
        let path = |start, count| PathBuf::from(OsStr::from_bytes(bytes(start, count)));
        Change {
            sequence: raw.sequence,
            kind: unsafe { CStr::from_ptr(vigil_kind_name(raw.kind.into())) }.to_str().unwrap_or("unknown"),
            path: path(raw.path, raw.path_bytes),
            old_path: (raw.old_path_bytes > 0).then(|| path(raw.old_path, raw.old_path_bytes)),
            reason: String::from_utf8_lossy(bytes(raw.reason, raw.reason_bytes)).into_owned(),
        }
    }
}

fn last_error() -> io::Error {
    let text = unsafe { CStr::from_ptr(vigil_last_error()) }.to_string_lossy().into_owned();
    io::Error::new(io::ErrorKind::Other, text)
}
