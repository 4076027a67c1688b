//! The functions that Envoy calls: those of proxy-wasm's ABI 0.2.1 that an HTTP filter needs. Each finds its root or stream and
//! tells it; except for a new request, a call for an unknown context has no effect. Hostcalls read the data of a call.
//!
//! They are not the SDK's functions. The SDK's own would be linked beside them under the same names as soon as anything of the
//! SDK is used. The SDK knows only two of the four answers to a piece of a body, panics for contexts that it does not know, and
//! holds a borrow during callbacks.
//!
//! `unsafe` names the functions for the host, and calls the linker's function that starts the module.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use super::hostcalls::{self, Buffer, Map};
use super::root::Root;
use super::wasm_host::WasmHost;
use super::{calls, contexts, logger, shadows};
use crate::envoy::{BodyAnswer, HeadersAnswer, RawReply, Refusal, Stream};

unsafe extern "C" {
    fn __wasm_call_ctors();
}

#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    // SAFETY: the linker makes this function. The host calls `_initialize` once, before any other function, so nothing is built
    // twice.
    unsafe { __wasm_call_ctors() };
    logger::install();
}

#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

/// Memory for data that the host hands over; the hostcall that returns the data takes ownership of it. Null if there is not
/// enough.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    let mut bytes: Vec<MaybeUninit<u8>> = Vec::new();
    if bytes.try_reserve_exact(size).is_err() {
        return std::ptr::null_mut();
    }
    // The vector's whole capacity is in use then, so that the box has exactly this size.
    bytes.resize(size, MaybeUninit::uninit());
    Box::into_raw(bytes.into_boxed_slice()).cast()
}

// ---- the life of contexts

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(context: u32, root: u32) {
    contexts::create(context, root);
}

// `proxy_on_log` and `proxy_on_done` come just before it, and each would cost another call of the module. The attributes of a stream can
// still be read here.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(context: u32) {
    contexts::delete(context);
}

// ---- roots

#[unsafe(no_mangle)]
extern "C" fn proxy_on_vm_start(_root: u32, _size: usize) -> u32 {
    YES
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(context: u32, _size: usize) -> u32 {
    contexts::with_root(context, Root::configure).unwrap_or(false).into()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(context: u32) {
    for stream in contexts::with_root(context, |root| root.take_whole()).unwrap_or_default() {
        act_on(stream, Stream::body_is_whole);
    }
    for stream in contexts::with_root(context, Root::tick).unwrap_or_default() {
        act_on(stream, Stream::body_is_late);
    }
    shadows::play(context);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_http_call_response(_root: u32, token: u32, headers: usize, _body: usize, _trailers: usize) {
    let Some(caller) = calls::take_caller(token) else { return };
    match contexts::stream(caller) {
        Some(_) => act_on(caller, |stream| stream.reply(token, || reply(headers))),
        None => shadows::reply(caller, token, || reply(headers)),
    }
    shadows::play(caller);
}

// Reads the reply to a call. No headers mean that there is no reply.
fn reply(headers: usize) -> Result<Option<RawReply>, Refusal> {
    if headers == 0 {
        return Ok(None);
    }
    let body = hostcalls::buffer(Buffer::CallReplyBody)?;
    Ok(Some(RawReply { headers: hostcalls::headers(Map::CallReply)?, body }))
}

// Acts on a stream from a callback of the root: hostcalls must work on that stream first.
fn act_on(context: u32, act: impl FnOnce(&Stream<WasmHost>)) {
    let Some(stream) = contexts::stream(context) else { return };
    match hostcalls::work_on(context) {
        Ok(()) => act(&stream),
        Err(refusal) => log::error!("Envoy did not let a stream be worked on: {refusal}"),
    }
}

// ---- streams

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(context: u32, _count: usize, ends: u32) -> u32 {
    match contexts::stream(context) {
        Some(stream) => {
            headers_status(Some(with_shadows(context, &stream, |stream| stream.request_headers(ends != 0))))
        }
        None => refuse(),
    }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(context: u32, size: usize, ends: u32) -> u32 {
    let stream = contexts::stream(context);
    body_status(stream.map(|stream| with_shadows(context, &stream, |stream| stream.request_body(size, ends != 0))))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_trailers(context: u32, _count: usize) -> u32 {
    let stream = contexts::stream(context);
    headers_status(stream.map(|stream| with_shadows(context, &stream, Stream::request_trailers)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(context: u32, _count: usize, ends: u32) -> u32 {
    headers_status(contexts::stream(context).map(|stream| stream.response_headers(ends != 0)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_body(context: u32, size: usize, ends: u32) -> u32 {
    body_status(contexts::stream(context).map(|stream| stream.response_body(size, ends != 0)))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_trailers(context: u32, _count: usize) -> u32 {
    headers_status(contexts::stream(context).map(|stream| stream.response_trailers()))
}

// Only the events of a request make shadows, and the shadows' calls are the root's: they leave after the stream's own callback.
fn with_shadows<T>(context: u32, stream: &Stream<WasmHost>, callback: impl FnOnce(&Stream<WasmHost>) -> T) -> T {
    let answer = callback(stream);
    if stream.has_shadows() {
        shadows::play(context);
    }
    answer
}

// A request on a context that is no stream of ours must not pass unseen: the path that it asks for may be protected by a
// script.
fn refuse() -> u32 {
    log::error!("a request came on a stream that was never made");
    if let Err(refusal) = hostcalls::answer(500, "lua_modifier_unknown", &[], &[]) {
        log::error!("Envoy refused an answer with status 500: {refusal}");
    }
    headers_status(Some(HeadersAnswer::Hold))
}

// ---- answers, by the ABI's numbers

const YES: u32 = 1;

pub(super) const fn headers_status(answer: Option<HeadersAnswer>) -> u32 {
    match answer {
        None | Some(HeadersAnswer::GoOn) => 0,
        Some(HeadersAnswer::Hold) => 1,
    }
}

pub(super) const fn body_status(answer: Option<BodyAnswer>) -> u32 {
    match answer {
        None | Some(BodyAnswer::GoOn) => 0,
        Some(BodyAnswer::Hold) => 1,
        Some(BodyAnswer::HoldAndPushBack) => 2,
        Some(BodyAnswer::Discard) => 3,
    }
}
