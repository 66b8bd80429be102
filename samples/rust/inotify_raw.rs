//! Prints the kernel's events of one directory, with their flags by name.
//!
//!     inotify_raw DIRECTORY                   Ctrl-C ends it
//!
//! How it is built is in README.md.

mod inotify;

use inotify::{flags, Inotify, Interrupt, RawEvent, IN_ALL_EVENTS};
use std::ffi::{CStr, OsStr};
use std::io::{self, Write};
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::{env, process};

extern "C" fn print(event: *mut RawEvent, name: *const c_char) {
    let (event, name) = unsafe { (&*event, CStr::from_ptr(name)) };
    let flags: Vec<String> = flags(event.mask).iter().map(|flag| format!(":{flag}")).collect();
    // A line that cannot be written, as nobody reads it, is no reason to panic here.
    let _ = writeln!(
        io::stdout(),
        "wd: {}, mask: {:x}, flags: [{}], cookie: {}, len: {}, name: {}",
        event.wd, event.mask, flags.join(", "), event.cookie, event.len,
        OsStr::from_bytes(name.to_bytes()).to_string_lossy()
    );
}

fn run(directory: &OsStr) -> io::Result<()> {
    let interrupt = Interrupt::new()?;
    let inotify = Inotify::new(directory, IN_ALL_EVENTS)?;
    println!("Watching {}, Ctrl-C ends", directory.to_string_lossy());
    while interrupt.wait_for(inotify.fd)? {
        inotify.read(print)?;
    }
    Ok(())
}

fn main() {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    if arguments.len() != 1 {
        eprintln!("usage: inotify_raw DIRECTORY");
        process::exit(2);
    }
    if let Err(error) = run(&arguments[0]) {
        eprintln!("inotify_raw: {}: {error}", arguments[0].to_string_lossy());
        process::exit(1);
    }
    println!("Exiting");
}
