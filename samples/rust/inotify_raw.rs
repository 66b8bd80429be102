//! Prints the kernel's events of one directory, with their flags by name.
//!
//!     inotify_raw DIRECTORY                   Ctrl-C ends it
//!
//! How it is built is in README.md.

mod inotify;

use inotify::{flags, Event, Inotify, Interrupt, IN_ALL_EVENTS};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::{env, process};

fn print(event: &Event) -> io::Result<()> {
    let flags: Vec<String> = flags(event.mask).iter().map(|flag| format!(":{flag}")).collect();
    writeln!(
        io::stdout(),
        "wd: {}, mask: {:x}, flags: [{}], cookie: {}, len: {}, name: {}",
        event.wd, event.mask, flags.join(", "), event.cookie, event.len, event.name.to_string_lossy()
    )
}

fn run(directory: &OsStr) -> io::Result<()> {
    let interrupt = Interrupt::new()?;
    let inotify = Inotify::new(directory, IN_ALL_EVENTS)?;
    writeln!(io::stdout(), "Watching {}, Ctrl-C ends", directory.to_string_lossy())?;
    while interrupt.wait_for(inotify.fd)? {
        inotify.read()?.iter().try_for_each(print)?;
    }
    writeln!(io::stdout(), "Exiting")
}

fn main() {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    if arguments.len() != 1 {
        eprintln!("usage: inotify_raw DIRECTORY");
        process::exit(2);
    }
    if let Err(error) = run(&arguments[0]) {
        if error.kind() != io::ErrorKind::BrokenPipe { // else nobody reads any more
            eprintln!("inotify_raw: {}: {error}", arguments[0].to_string_lossy());
        }
        process::exit(1);
    }
}
