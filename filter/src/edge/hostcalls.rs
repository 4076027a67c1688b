//! Checked hostcalls: what Envoy answers becomes a value, never a panic. The SDK's own wrappers panic on answers that they do
//! not expect, and a panic takes a whole worker down; of the SDK only the dispatcher and `dispatch_http_call` are used.
//!
//! The one file with `unsafe`: each use passes pointers into memory that outlives the call, or takes over what the host
//! allocated through the SDK's allocator.
#![allow(unsafe_code)]

use bytes::Bytes;
use std::ptr::{null, null_mut};

/// Which headers.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Map {
    Request = 0,
    Response = 2,
    CallReply = 6,
}

/// Which bytes.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Buffer {
    RequestBody = 0,
    ResponseBody = 1,
    CallReplyBody = 4,
    PluginConfiguration = 7,
}

/// Which direction of a stream.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Direction {
    Request = 0,
    Response = 1,
}

/// Which kind of metric.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Metric {
    Counter = 0,
    Gauge = 1,
    Histogram = 2,
}

/// What the host answered when it refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) u32);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = match self.0 {
            1 => "not found",
            2 => "bad argument",
            3 => "serialization failure",
            7 => "empty",
            10 => "internal failure",
            12 => "unimplemented",
            other => return write!(f, "status {other}"),
        };
        f.write_str(words)
    }
}

type Checked<T> = Result<T, Refused>;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, text: *const u8, length: usize) -> u32;
    fn proxy_get_header_map_pairs(map: u32, out: *mut *mut u8, length: *mut usize) -> u32;
    fn proxy_add_header_map_value(
        map: u32,
        name: *const u8,
        name_length: usize,
        value: *const u8,
        length: usize,
    ) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_length: usize,
        value: *const u8,
        length: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(map: u32, name: *const u8, name_length: usize) -> u32;
    fn proxy_get_buffer_bytes(buffer: u32, start: usize, max: usize, out: *mut *mut u8, length: *mut usize) -> u32;
    fn proxy_set_buffer_bytes(buffer: u32, start: usize, size: usize, bytes: *const u8, length: usize) -> u32;
    fn proxy_get_property(path: *const u8, path_length: usize, out: *mut *mut u8, length: *mut usize) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_length: usize,
        body: *const u8,
        body_length: usize,
        headers: *const u8,
        headers_length: usize,
        grpc_status: i32,
    ) -> u32;
    fn proxy_continue_stream(direction: u32) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_set_effective_context(context: u32) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, length: usize, id: *mut u32) -> u32;
    fn proxy_increment_metric(id: u32, more: i64) -> u32;
    fn proxy_record_metric(id: u32, value: u64) -> u32;
    fn proxy_call_foreign_function(
        name: *const u8,
        name_length: usize,
        arguments: *const u8,
        arguments_length: usize,
        out: *mut *mut u8,
        length: *mut usize,
    ) -> u32;
}

fn checked(status: u32) -> Checked<()> {
    if status == 0 { Ok(()) } else { Err(Refused(status)) }
}

// Asks for bytes that the host puts into our memory, and takes them over.
fn taken(ask: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Checked<Vec<u8>> {
    let (mut data, mut length) = (null_mut(), 0);
    checked(ask(&raw mut data, &raw mut length))?;
    if data.is_null() || length == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the host wrote `length` bytes into memory that it got from the SDK's allocator, a Vec<u8> of exactly that
    // capacity (`proxy_on_memory_allocate`), and gave it up by returning it here.
    Ok(unsafe { Vec::from_raw_parts(data, length, length) })
}

/// A line in Envoy's log.
pub(super) fn log(level: log::Level, text: &str) {
    let level = match level {
        log::Level::Trace => 0,
        log::Level::Debug => 1,
        log::Level::Info => 2,
        log::Level::Warn => 3,
        log::Level::Error => 4,
    };
    // SAFETY: the text outlives the call. There is nobody to tell if logging fails.
    let _ = unsafe { proxy_log(level, text.as_ptr(), text.len()) };
}

/// Every header, pseudo-headers included, in lower case.
pub(super) fn headers(map: Map) -> Checked<Vec<(Bytes, Bytes)>> {
    // SAFETY: both pointers are valid for the call.
    let bytes = taken(|out, length| unsafe { proxy_get_header_map_pairs(map as u32, out, length) })?;
    super::pairs::read(&bytes.into()).ok_or(Refused(3))
}

/// One more value for a header.
pub(super) fn add_header(map: Map, name: &str, value: &[u8]) -> Checked<()> {
    // SAFETY: name and value outlive the call.
    checked(unsafe { proxy_add_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len()) })
}

/// The only value of a header.
pub(super) fn set_header(map: Map, name: &str, value: &[u8]) -> Checked<()> {
    // SAFETY: name and value outlive the call.
    checked(unsafe {
        proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    })
}

/// A header goes.
pub(super) fn remove_header(map: Map, name: &str) -> Checked<()> {
    // SAFETY: the name outlives the call.
    checked(unsafe { proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

/// All bytes of a buffer; of an empty one, none.
pub(super) fn buffer(buffer: Buffer) -> Checked<Vec<u8>> {
    // SAFETY: both pointers are valid for the call.
    match taken(|out, length| unsafe { proxy_get_buffer_bytes(buffer as u32, 0, usize::MAX, out, length) }) {
        Err(Refused(NOT_FOUND | EMPTY)) => Ok(Vec::new()),
        other => other,
    }
}

const NOT_FOUND: u32 = 1;
const EMPTY: u32 = 7;

/// Puts other bytes in the place of all of a buffer.
pub(super) fn replace_buffer(buffer: Buffer, bytes: &[u8]) -> Checked<()> {
    // SAFETY: the bytes outlive the call.
    checked(unsafe { proxy_set_buffer_bytes(buffer as u32, 0, usize::MAX, bytes.as_ptr(), bytes.len()) })
}

/// An attribute of the stream, such as `["source", "address"]`.
pub(super) fn property(path: &[&str]) -> Checked<Vec<u8>> {
    let path = path.join("\0");
    // SAFETY: the path outlives the call, both pointers are valid for it.
    taken(|out, length| unsafe { proxy_get_property(path.as_ptr(), path.len(), out, length) })
}

/// Answers the client. `details` is for Envoy's access log.
pub(super) fn answer(status: u16, details: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Checked<()> {
    let pairs = super::pairs::write(headers);
    let body_pointer = if body.is_empty() { null() } else { body.as_ptr() };
    // SAFETY: everything that is pointed to outlives the call.
    checked(unsafe {
        proxy_send_local_response(
            u32::from(status),
            details.as_ptr(),
            details.len(),
            body_pointer,
            body.len(),
            pairs.as_ptr(),
            pairs.len(),
            -1,
        )
    })
}

/// Lets a held direction of the stream go on.
pub(super) fn go_on(direction: Direction) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_continue_stream(direction as u32) })
}

/// Asks to be called every so many milliseconds.
pub(super) fn tick_every(milliseconds: u32) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_set_tick_period_milliseconds(milliseconds) })
}

/// Lets the next hostcalls work on another stream.
pub(super) fn work_on(context: u32) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_set_effective_context(context) })
}

/// A metric by its name; the host puts its own prefix in front. The same name leads to the same metric in every worker.
pub(super) fn define_metric(kind: Metric, name: &str) -> Checked<u32> {
    let mut id = 0;
    // SAFETY: the name outlives the call, the pointer is valid for it.
    checked(unsafe { proxy_define_metric(kind as u32, name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

/// Adds to a counter or a gauge.
pub(super) fn increment_metric(id: u32, more: i64) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_increment_metric(id, more) })
}

/// One value for a histogram.
pub(super) fn record_metric(id: u32, value: u64) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_record_metric(id, value) })
}

/// Calls a function that this host may offer beyond the ABI's; `Refused(1)` where it does not.
pub(super) fn foreign(name: &str, arguments: &[u8]) -> Checked<Vec<u8>> {
    // SAFETY: name and arguments outlive the call, both pointers are valid for it.
    taken(|out, length| unsafe {
        proxy_call_foreign_function(name.as_ptr(), name.len(), arguments.as_ptr(), arguments.len(), out, length)
    })
}
