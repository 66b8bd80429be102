//! Writes numbered messages into a ring, for one consumer that connects to a Unix socket.
//!
//!     ring_producer PATH [COUNT]        listens at PATH; COUNT messages, 1000 if not said
//!
//! Message N has the number N, eight bytes, and then the text "message N". Every hundredth carries a descriptor: a
//! socket from which "descriptor N" can be read. An empty message is the end. How it is built is in README.md.

mod zbq;

use std::error::Error;
use std::io::Write;
use std::mem::size_of;
use std::os::unix::io::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs, process, ptr};
use zbq::*;

const RING_BYTES: u64 = 64 * 1024;
const DESCRIPTOR_EVERY: u64 = 100;

/// The writing end of a ring, which it ends when it is dropped.
struct Ring {
    handle: *mut Producer,
}

impl Ring {
    fn create() -> Result<Ring, String> {
        let params = ProducerParams {
            ring_capacity: RING_BYTES,
            clog_threshold: 100,
            stall_timeout_ns: 10_000_000_000,
            max_consumers: 4,
        };
        let mut handle = ptr::null_mut();
        check(unsafe { zbq_producer_create(&mut handle, &params) }, "zbq_producer_create")?;
        Ok(Ring { handle })
    }

    /// Makes who connected a consumer. The connection has done its work afterwards.
    fn admit(&self, connection: UnixStream) -> Result<u32, String> {
        let mut slot = 0;
        let fd = connection.as_raw_fd();
        let status = unsafe { zbq_producer_handshake(self.handle, fd, ZBQ_WAKEUP_PUSH, &mut slot) };
        check(status, "zbq_producer_handshake").map(|()| slot)
    }

    /// Room for a message. There is none while the consumer has that much to read; then we look again, a little later.
    /// A consumer that is gone or hangs is evicted by these looks, and takes no room any more.
    fn reserve(&self, bytes: usize) -> *mut u8 {
        loop {
            let run = unsafe { zbq_producer_reserve(self.handle, bytes as u64) };
            if run.max_bytes > 0 {
                return run.base.cast();
            }
            sleep(Duration::from_micros(50));
        }
    }

    /// Sends a descriptor ahead of its message: then it is there when the message is seen. We keep our own.
    fn attach(&self, header: &mut MsgHeader, descriptor: &impl AsRawFd) -> Result<(), String> {
        header.fd_count = 1;
        header.seq_id = unsafe { zbq_producer_next_seq_id(self.handle) };
        let fd = descriptor.as_raw_fd();
        let status = unsafe { zbq_producer_broadcast_fds(self.handle, header.seq_id, &fd, 1) };
        check(status, "zbq_producer_broadcast_fds")
    }

    fn send(&self, payload: &[u8], descriptor: Option<&UnixStream>) -> Result<(), String> {
        // Every message begins at a multiple of 16, so what is committed is a multiple of 16.
        let bytes = (size_of::<MsgHeader>() + payload.len() + ZBQ_MSG_ALIGN - 1) & !(ZBQ_MSG_ALIGN - 1);
        let base = self.reserve(bytes);
        let mut header = MsgHeader { payload_len: payload.len() as u32, ..Default::default() };
        if let Some(descriptor) = descriptor {
            self.attach(&mut header, descriptor)?;
        }

        // The run has at least so many bytes, is aligned to 16, and nobody else looks at it before the commit.
        let is_committed = unsafe {
            base.cast::<MsgHeader>().write(header);
            ptr::copy_nonoverlapping(payload.as_ptr(), base.add(size_of::<MsgHeader>()), payload.len());
            zbq_producer_commit(self.handle, bytes as u64, ZBQ_COMMIT_NONE)
        };
        if is_committed { Ok(()) } else { Err("the message was not committed".into()) }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        unsafe { zbq_producer_destroy(self.handle) }
    }
}

fn run(path: &str, count: u64) -> Result<(), Box<dyn Error>> {
    let ring = Ring::create()?;
    let listener = UnixListener::bind(path)?;
    println!("listening");
    let (connection, _) = listener.accept()?;
    fs::remove_file(path)?;
    println!("consumer in slot {}", ring.admit(connection)?);

    for number in 1..=count {
        let mut payload = number.to_ne_bytes().to_vec();
        payload.extend_from_slice(format!("message {number}").as_bytes());
        if number % DESCRIPTOR_EVERY == 0 {
            let (mut ours, theirs) = UnixStream::pair()?;
            ours.write_all(format!("descriptor {number}").as_bytes())?;
            ring.send(&payload, Some(&theirs))?;
        } else {
            ring.send(&payload, None)?;
        }
    }
    ring.send(&[], None)?;
    println!("sent {} messages, {} descriptors", count, count / DESCRIPTOR_EVERY);
    Ok(())
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let count = arguments.get(1).map_or(Some(1000), |text| text.parse().ok());
    if count.is_none() || !(1..=2).contains(&arguments.len()) {
        eprintln!("usage: ring_producer PATH [COUNT]");
        process::exit(2);
    }
    if let Err(error) = run(&arguments[0], count.unwrap_or_default()) {
        eprintln!("ring_producer: {error}");
        process::exit(1);
    }
}
