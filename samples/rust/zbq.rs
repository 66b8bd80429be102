//! The part of zbq.h that the two programs use, as Rust sees it. What each function does is said there.

#![allow(dead_code)] // each program uses its half

use std::os::raw::{c_int, c_void};

pub const ZBQ_OK: c_int = 0;
pub const ZBQ_ERROR_AGAIN: c_int = -3;
pub const ZBQ_WAKEUP_PUSH: c_int = 0;
pub const ZBQ_COMMIT_NONE: c_int = 0;
pub const ZBQ_MSG_ALIGN: usize = 16;
pub const ZBQ_MAX_FD_PER_MSG: usize = 253;

/// Handles: never looked into, only passed on.
#[repr(C)]
pub struct Producer {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct Consumer {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct ProducerParams {
    pub ring_capacity: u64,
    pub clog_threshold: u64,
    pub stall_timeout_ns: u64,
    pub max_consumers: u32,
}

#[repr(C, align(16))]
#[derive(Clone, Copy, Default)]
pub struct MsgHeader {
    pub payload_len: u32,
    pub fd_count: u8,
    pub flags: u8,
    pub reserved: u16,
    pub seq_id: u64,
}

#[repr(C)]
pub struct ContiguousRun {
    pub base: *mut c_void,
    pub max_bytes: u64,
    pub offset: u64,
}

#[repr(C)]
pub struct MsgView {
    pub header: *const MsgHeader,
    pub payload: *const c_void,
    pub payload_len: u64,
    pub logical_offset: u64,
    pub total_len: u64,
}

const _: () = assert!(std::mem::size_of::<ProducerParams>() == 32);
const _: () = assert!(std::mem::size_of::<MsgHeader>() == 16);
const _: () = assert!(std::mem::size_of::<ContiguousRun>() == 24);
const _: () = assert!(std::mem::size_of::<MsgView>() == 40);

extern "C" {
    pub fn zbq_producer_create(out: *mut *mut Producer, params: *const ProducerParams) -> c_int;
    pub fn zbq_producer_destroy(producer: *mut Producer);
    pub fn zbq_producer_handshake(producer: *mut Producer, fd: c_int, mode: c_int, slot: *mut u32) -> c_int;
    pub fn zbq_producer_reserve(producer: *mut Producer, bytes: u64) -> ContiguousRun;
    pub fn zbq_producer_commit(producer: *mut Producer, bytes: u64, flags: c_int) -> bool;
    pub fn zbq_producer_next_seq_id(producer: *mut Producer) -> u64;
    pub fn zbq_producer_broadcast_fds(producer: *mut Producer, seq_id: u64, fds: *const c_int, count: u8) -> c_int;

    pub fn zbq_consumer_join(fd: c_int, mode: c_int, out: *mut *mut Consumer) -> c_int;
    pub fn zbq_consumer_destroy(consumer: *mut Consumer);
    pub fn zbq_consumer_is_producer_alive(consumer: *mut Consumer) -> bool;
    pub fn zbq_consumer_peek(consumer: *mut Consumer, out: *mut MsgView) -> c_int;
    pub fn zbq_consumer_publish(consumer: *mut Consumer, tail: u64);
    pub fn zbq_consumer_get_futex_token(consumer: *const Consumer) -> u32;
    pub fn zbq_consumer_wait_broadcast(consumer: *mut Consumer, token: u32) -> c_int;
    pub fn zbq_consumer_recv_fds(consumer: *mut Consumer, seq_id: u64, fds: *mut c_int, count: *mut u8) -> c_int;
}

/// An error for everything but `ZBQ_OK`.
pub fn check(status: c_int, call: &str) -> Result<(), String> {
    if status == ZBQ_OK {
        Ok(())
    } else {
        Err(format!("{call} answered {status}"))
    }
}
