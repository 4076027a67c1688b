//! Checked hostcalls: Envoy's result becomes a value, never a panic. The SDK's own wrappers panic at results that they do not
//! expect, and a panic ends a whole worker.
//!
//! Each use of `unsafe` passes pointers into memory that outlives the call, or takes ownership of memory that the host
//! allocated through [`super::exports`].
#![allow(unsafe_code)]

use std::ptr::{null, null_mut};

use crate::envoy::{Direction, HeaderPairs, MetricKind, Refusal};

/// The header maps that are used here.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Map {
    Request = 0,
    Response = 2,
    CallReply = 6,
}

/// The buffers that are used here.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(super) enum Buffer {
    RequestBody = 0,
    ResponseBody = 1,
    CallReplyBody = 4,
    PluginConfiguration = 7,
}

/// A direction of a stream as the ABI numbers it.
pub(super) const fn stream_number(direction: Direction) -> u32 {
    match direction {
        Direction::Request => 0,
        Direction::Response => 1,
    }
}

/// A kind of metric as the ABI numbers it.
pub(super) const fn metric_number(kind: MetricKind) -> u32 {
    match kind {
        MetricKind::Counter => 0,
        MetricKind::Gauge => 1,
        MetricKind::Histogram => 2,
    }
}

/// A level of the log as the ABI numbers it.
pub(super) const fn level_number(level: log::Level) -> u32 {
    match level {
        log::Level::Trace => 0,
        log::Level::Debug => 1,
        log::Level::Info => 2,
        log::Level::Warn => 3,
        log::Level::Error => 4,
    }
}

/// The refusal that a status of the host stands for.
pub(super) const fn refusal(status: u32) -> Refusal {
    match status {
        1 => Refusal::NotFound,
        2 => Refusal::BadArgument,
        3 => Refusal::Serialization,
        7 => Refusal::Empty,
        8 => Refusal::Changed,
        10 => Refusal::Internal,
        12 => Refusal::Unimplemented,
        other => Refusal::Status(other),
    }
}

type Checked<T> = Result<T, Refusal>;

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
    fn proxy_http_call(
        cluster: *const u8,
        cluster_length: usize,
        headers: *const u8,
        headers_length: usize,
        body: *const u8,
        body_length: usize,
        trailers: *const u8,
        trailers_length: usize,
        timeout: u32,
        token: *mut u32,
    ) -> u32;
    fn proxy_continue_stream(direction: u32) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_set_effective_context(context: u32) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, length: usize, id: *mut u32) -> u32;
    fn proxy_increment_metric(id: u32, more: i64) -> u32;
    fn proxy_record_metric(id: u32, value: u64) -> u32;
    fn proxy_get_shared_data(
        name: *const u8,
        name_length: usize,
        out: *mut *mut u8,
        length: *mut usize,
        mark: *mut u32,
    ) -> u32;
    fn proxy_set_shared_data(name: *const u8, name_length: usize, value: *const u8, length: usize, mark: u32) -> u32;
    fn proxy_call_foreign_function(
        name: *const u8,
        name_length: usize,
        arguments: *const u8,
        arguments_length: usize,
        out: *mut *mut u8,
        length: *mut usize,
    ) -> u32;
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn clock_time_get(clock: u32, precision: u64, nanoseconds: *mut u64) -> u32;
}

fn checked(status: u32) -> Checked<()> {
    if status == 0 { Ok(()) } else { Err(refusal(status)) }
}

// Asks for bytes that the host puts into our memory, and takes ownership of them.
fn taken(ask: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Checked<Vec<u8>> {
    let (mut data, mut length) = (null_mut(), 0);
    checked(ask(&raw mut data, &raw mut length))?;
    if data.is_null() || length == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the host wrote `length` bytes into memory that it got from `proxy_on_memory_allocate`, a box of exactly that
    // size, and gave the memory up by returning it here.
    Ok(unsafe { Vec::from_raw_parts(data, length, length) })
}

/// Writes a line into Envoy's log.
pub(super) fn log(level: log::Level, text: &str) {
    // SAFETY: the text outlives the call. If logging fails, there is no other way to report it.
    let _ = unsafe { proxy_log(level_number(level), text.as_ptr(), text.len()) };
}

/// Every header, pseudo-headers included, in lower case.
pub(super) fn headers(map: Map) -> Checked<HeaderPairs> {
    // SAFETY: both pointers are valid for the call.
    let bytes = taken(|out, length| unsafe { proxy_get_header_map_pairs(map as u32, out, length) })?;
    super::pairs::read(bytes).ok_or(Refusal::Serialization)
}

/// Adds a value to a header.
pub(super) fn add_header(map: Map, name: &str, value: &[u8]) -> Checked<()> {
    // SAFETY: name and value outlive the call.
    checked(unsafe { proxy_add_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len()) })
}

/// Gives a header this one value.
pub(super) fn set_header(map: Map, name: &str, value: &[u8]) -> Checked<()> {
    // SAFETY: name and value outlive the call.
    checked(unsafe {
        proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    })
}

/// Removes a header.
pub(super) fn remove_header(map: Map, name: &str) -> Checked<()> {
    // SAFETY: the name outlives the call.
    checked(unsafe { proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

/// All bytes of a buffer; an empty or missing buffer gives no bytes.
pub(super) fn buffer(buffer: Buffer) -> Checked<Vec<u8>> {
    // SAFETY: both pointers are valid for the call.
    match taken(|out, length| unsafe { proxy_get_buffer_bytes(buffer as u32, 0, usize::MAX, out, length) }) {
        Err(Refusal::NotFound | Refusal::Empty) => Ok(Vec::new()),
        other => other,
    }
}

/// Replaces all bytes of a buffer.
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

/// Sends a call. Gives the token that names the reply; the reply comes to the root. `timeout` is in milliseconds.
pub(super) fn dispatch(cluster: &str, headers: &[(&str, &[u8])], body: &[u8], timeout: u32) -> Checked<u32> {
    let pairs = super::pairs::write(headers);
    let body_pointer = if body.is_empty() { null() } else { body.as_ptr() };
    let mut token = 0;
    // SAFETY: everything that is pointed to outlives the call.
    checked(unsafe {
        proxy_http_call(
            cluster.as_ptr(),
            cluster.len(),
            pairs.as_ptr(),
            pairs.len(),
            body_pointer,
            body.len(),
            NO_PAIRS.as_ptr(),
            NO_PAIRS.len(),
            timeout,
            &raw mut token,
        )
    })?;
    Ok(token)
}

// A header map without entries, serialized.
const NO_PAIRS: [u8; 4] = [0; 4];

/// Lets a held direction of the stream go on.
pub(super) fn resume(direction: Direction) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_continue_stream(stream_number(direction)) })
}

/// Asks the host for a tick every `milliseconds`.
pub(super) fn tick_every(milliseconds: u32) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_set_tick_period_milliseconds(milliseconds) })
}

/// Lets the next hostcalls work on another context.
pub(super) fn work_on(context: u32) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_set_effective_context(context) })
}

/// Finds or makes a metric by its name; the host puts its own prefix before the name. The same name gives the same metric in
/// every worker.
pub(super) fn define_metric(kind: MetricKind, name: &str) -> Checked<u32> {
    let mut id = 0;
    // SAFETY: the name outlives the call, the pointer is valid for it.
    checked(unsafe { proxy_define_metric(metric_number(kind), name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

/// Adds to a counter or a gauge.
pub(super) fn increment_metric(id: u32, more: i64) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_increment_metric(id, more) })
}

/// Records one value of a histogram.
pub(super) fn record_metric(id: u32, value: u64) -> Checked<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { proxy_record_metric(id, value) })
}

/// A value that all workers share, and its mark; `None` if there is none.
pub(super) fn shared(name: &[u8]) -> Checked<Option<(Vec<u8>, u32)>> {
    let mut mark = 0;
    // SAFETY: the name outlives the call, the three pointers are valid for it.
    let value =
        taken(|out, length| unsafe { proxy_get_shared_data(name.as_ptr(), name.len(), out, length, &raw mut mark) });
    match value {
        Ok(value) => Ok(Some((value, mark))),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// Writes a value that all workers share, if the value still has this mark or does not exist.
pub(super) fn share(name: &[u8], value: &[u8], mark: u32) -> Checked<()> {
    // SAFETY: name and value outlive the call.
    checked(unsafe { proxy_set_shared_data(name.as_ptr(), name.len(), value.as_ptr(), value.len(), mark) })
}

/// The time in nanoseconds by a clock that is the same for all workers and does not go back: the clock of the host's machine.
pub(super) fn monotonic_time() -> Checked<u64> {
    const MONOTONIC: u32 = 1;
    let mut nanoseconds = 0;
    // SAFETY: the pointer is valid for the call.
    match unsafe { clock_time_get(MONOTONIC, 0, &raw mut nanoseconds) } {
        0 => Ok(nanoseconds),
        error => Err(Refusal::Status(error)),
    }
}

/// Calls a function that this host may offer in addition to the ABI; `NotFound` if it does not.
pub(super) fn foreign(name: &str, arguments: &[u8]) -> Checked<Vec<u8>> {
    // SAFETY: name and arguments outlive the call, both pointers are valid for it.
    taken(|out, length| unsafe {
        proxy_call_foreign_function(name.as_ptr(), name.len(), arguments.as_ptr(), arguments.len(), out, length)
    })
}
