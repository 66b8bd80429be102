//! Reads what a producer such as ring_producer writes into a ring, and checks it.
//!
//!     ring_consumer PATH                connects to the Unix socket at PATH, where the producer listens
//!
//! Prints what every descriptor held, and at the end how much came. The status is 0 if every number came once and in
//! order, and every text was as it should be. How it is built is in README.md.

mod zbq;

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::os::unix::io::{AsRawFd, FromRawFd};
use std::os::unix::net::UnixStream;
use std::{env, process, ptr, slice};
use zbq::*;

/// A reading end of a ring, which leaves it when it is dropped.
struct Ring {
    handle: *mut Consumer,
}

/// A message where it lies. It borrows the ring mutably, so that it is gone before the ring goes on.
struct Message<'ring> {
    payload: &'ring [u8],
    header: MsgHeader,
    end: u64,
}

impl Ring {
    fn join(connection: UnixStream) -> Result<Ring, String> {
        let mut handle = ptr::null_mut();
        let status = unsafe { zbq_consumer_join(connection.as_raw_fd(), ZBQ_WAKEUP_PUSH, &mut handle) };
        check(status, "zbq_consumer_join").map(|()| Ring { handle })
    }

    /// The next message; waits for it.
    fn next(&mut self) -> Result<Message<'_>, String> {
        loop {
            // The token first: what is committed from here on has changed it, and then the wait does not sleep.
            let token = unsafe { zbq_consumer_get_futex_token(self.handle) };
            let is_alive = unsafe { zbq_consumer_is_producer_alive(self.handle) };
            let mut view = MsgView {
                header: ptr::null(),
                payload: ptr::null(),
                payload_len: 0,
                logical_offset: 0,
                total_len: 0,
            };
            match unsafe { zbq_consumer_peek(self.handle, &mut view) } {
                ZBQ_OK => {
                    // The producer does not write here before we publish a tail beyond it.
                    return Ok(Message {
                        payload: unsafe { slice::from_raw_parts(view.payload.cast(), view.payload_len as usize) },
                        header: unsafe { *view.header },
                        end: view.logical_offset + view.total_len,
                    });
                }
                ZBQ_ERROR_AGAIN if is_alive => unsafe {
                    zbq_consumer_wait_broadcast(self.handle, token);
                },
                ZBQ_ERROR_AGAIN => return Err("the producer ended without an end".into()),
                status => check(status, "zbq_consumer_peek")?,
            }
        }
    }

    /// The descriptors of a message. They were sent before it was committed, so they are there; they are ours to close.
    fn descriptors(&mut self, header: &MsgHeader) -> Result<Vec<File>, String> {
        let mut fds = [-1; ZBQ_MAX_FD_PER_MSG];
        let mut count = 0;
        let status = unsafe { zbq_consumer_recv_fds(self.handle, header.seq_id, fds.as_mut_ptr(), &mut count) };
        check(status, "zbq_consumer_recv_fds")?;
        Ok(fds[..usize::from(count)].iter().map(|&fd| unsafe { File::from_raw_fd(fd) }).collect())
    }

    /// Gives the room of what was read back to the producer.
    fn publish(&mut self, tail: u64) {
        unsafe { zbq_consumer_publish(self.handle, tail) }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        unsafe { zbq_consumer_destroy(self.handle) }
    }
}

fn expect(got: &[u8], expected: &str) -> Result<(), String> {
    if got == expected.as_bytes() {
        return Ok(());
    }
    Err(format!("expected \"{expected}\", got \"{}\"", String::from_utf8_lossy(got)))
}

fn run(path: &str) -> Result<(), Box<dyn Error>> {
    let mut ring = Ring::join(UnixStream::connect(path)?)?;
    let (mut messages, mut descriptors) = (0u64, 0u64);
    loop {
        let message = ring.next()?;
        let (header, end) = (message.header, message.end);
        if message.payload.is_empty() {
            ring.publish(end);
            break;
        }

        if message.payload.len() < 8 {
            return Err(format!("a message of {} bytes", message.payload.len()).into());
        }
        let (number, text) = message.payload.split_at(8);
        let number = u64::from_ne_bytes(number.try_into()?);
        if number != messages + 1 {
            return Err(format!("message {number} after {messages}").into());
        }
        expect(text, &format!("message {number}"))?;
        ring.publish(end);
        messages += 1;

        if header.fd_count == 0 {
            continue;
        }
        let files = ring.descriptors(&header)?;
        if files.len() != usize::from(header.fd_count) {
            return Err(format!("{} descriptors came, {} were announced", files.len(), header.fd_count).into());
        }
        for mut file in files {
            let mut text = Vec::new();
            file.read_to_end(&mut text)?;
            expect(&text, &format!("descriptor {number}"))?;
            println!("message {number} came with \"{}\"", String::from_utf8_lossy(&text));
            descriptors += 1;
        }
    }
    println!("received {messages} messages, {descriptors} descriptors");
    Ok(())
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.len() != 1 {
        eprintln!("usage: ring_consumer PATH");
        process::exit(2);
    }
    if let Err(error) = run(&arguments[0]) {
        eprintln!("ring_consumer: {error}");
        process::exit(1);
    }
}
