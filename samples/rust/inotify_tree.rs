//! Prints every change of a tree.
//!
//!     inotify_tree DIRECTORY                  Ctrl-C ends it
//!
//! How it is built is in README.md.

mod inotify;

use inotify::{Change, Interrupt, Options, Tree};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::{env, process};

fn print(change: &Change) -> io::Result<()> {
    let mut line = format!("{:<8} ", change.kind);
    if let Some(old_path) = &change.old_path {
        line += &format!("{} -> ", old_path.display());
    }
    line += &change.path.display().to_string();
    if !change.reason.is_empty() {
        line += &format!(": {}", change.reason);
    }
    writeln!(io::stdout(), "{}", line.trim_end())
}

fn run(directory: &OsStr) -> io::Result<()> {
    let interrupt = Interrupt::new()?;
    let mut tree = Tree::open(directory, &Options::default())?;
    while interrupt.wait_for(tree.fd())? {
        match tree.read()? {
            Some(changes) => changes.iter().try_for_each(print)?,
            None => break,
        }
    }
    writeln!(io::stdout(), "Exiting")
}

fn main() {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    if arguments.len() != 1 {
        eprintln!("usage: inotify_tree DIRECTORY");
        process::exit(2);
    }
    if let Err(error) = run(&arguments[0]) {
        if error.kind() != io::ErrorKind::BrokenPipe { // else nobody reads any more
            eprintln!("inotify_tree: {error}");
        }
        process::exit(1);
    }
}
