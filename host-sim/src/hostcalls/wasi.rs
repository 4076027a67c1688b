//! The functions of WASI preview 1 that Envoy up to 1.37 has, and no others: output goes to the trace, clock and random numbers
//! are the simulator's, variables come from the settings, and there are no files or arguments.

use wasmtime::{Caller, Error, Linker};

use super::{Guest, Refusal};
use crate::host::Host;
use crate::trace::Event;
use crate::trap::Exit;

const MODULES: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

const OK: i32 = 0;
const BAD_FILE: i32 = 8;
const FAULT: i32 = 21;
const INVALID: i32 = 28;
const BROKEN: i32 = 29;
const NO_ENTRY: i32 = 44;
const NOT_THERE: i32 = 52;
const NOT_SUPPORTED: i32 = 58;
const RANDOM_LIMIT: u32 = 64 * 1024;

pub(super) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    for wasi in MODULES {
        linker.func_wrap(wasi, "fd_write", fd_write)?;
        linker.func_wrap(wasi, "fd_read", |_: i32, _: i32, _: i32, _: i32| NOT_THERE)?;
        linker.func_wrap(wasi, "fd_seek", |_: i32, _: i64, _: i32, _: i32| OK)?;
        linker.func_wrap(wasi, "fd_close", |_: i32| OK)?;
        linker.func_wrap(wasi, "fd_fdstat_get", fd_fdstat_get)?;
        linker.func_wrap(wasi, "fd_fdstat_set_flags", |_: i32, _: i32| NOT_THERE)?;
        linker.func_wrap(wasi, "environ_get", environ_get)?;
        linker.func_wrap(wasi, "environ_sizes_get", environ_sizes_get)?;
        linker.func_wrap(wasi, "args_get", |_: i32, _: i32| OK)?;
        linker.func_wrap(wasi, "args_sizes_get", nothing)?;
        linker.func_wrap(wasi, "clock_time_get", clock_time_get)?;
        linker.func_wrap(wasi, "random_get", random_get)?;
        linker.func_wrap(wasi, "proc_exit", |code: u32| -> wasmtime::Result<()> { Err(Error::new(Exit(code))) })?;
        linker.func_wrap(
            wasi,
            "path_open",
            |_: i32, _: i32, _: i32, _: i32, _: i32, _: i64, _: i64, _: i32, _: i32| NO_ENTRY,
        )?;
        linker.func_wrap(wasi, "fd_prestat_get", |_: i32, _: i32| BAD_FILE)?;
        linker.func_wrap(wasi, "fd_prestat_dir_name", |_: i32, _: i32, _: i32| NOT_THERE)?;
        linker.func_wrap(wasi, "sched_yield", || OK)?;
        linker.func_wrap(wasi, "poll_oneoff", poll_oneoff)?;
    }
    Ok(())
}

/// The only error that a well-formed write can still have is a memory fault.
fn errno(result: Result<(), Refusal>) -> i32 {
    match result {
        Ok(()) => OK,
        Err(_) => FAULT,
    }
}

fn fd_write(caller: Caller<'_, Host>, fd: u32, vectors: u32, count: u32, written_at: u32) -> i32 {
    if !(1..=2).contains(&fd) {
        return BAD_FILE;
    }
    let mut guest = Guest(caller);
    let mut write = || -> Result<(), Refusal> {
        let mut text = Vec::new();
        let vectors = guest.read(vectors, count.saturating_mul(8))?;
        for vector in vectors.chunks_exact(8) {
            let (at, length) = vector.split_at(4);
            let number = |bytes: &[u8]| bytes.try_into().map(u32::from_le_bytes).unwrap_or(0);
            text.extend(guest.read(number(at), number(length))?);
        }
        guest.write_number(written_at, text.len() as u32)?;
        if !text.is_empty() {
            let text = String::from_utf8_lossy(&text);
            let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
            guest.host().note(Event::Output { fd, text });
        }
        Ok(())
    };
    errno(write())
}

fn fd_fdstat_get(caller: Caller<'_, Host>, fd: u32, at: u32) -> i32 {
    if !(1..=2).contains(&fd) {
        return BAD_FILE;
    }
    // The structure has three words; the second holds the rights, here to write.
    let mut stat = [0; 24];
    if let Some(rights) = stat.get_mut(8) {
        *rights = 64;
    }
    errno(Guest(caller).write(at, &stat).map_err(Refusal::from))
}

/// `NAME=value` and a NUL, for each variable.
fn environment(host: &Host) -> Vec<Vec<u8>> {
    let variables = host.settings.environment.iter();
    variables.map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect()
}

fn environ_sizes_get(caller: Caller<'_, Host>, count_at: u32, size_at: u32) -> i32 {
    let mut guest = Guest(caller);
    let variables = environment(guest.host());
    let first = guest.write_number(count_at, variables.len() as u32);
    let size = variables.iter().map(Vec::len).sum::<usize>() as u32;
    errno(first.and_then(|()| guest.write_number(size_at, size)).map_err(Refusal::from))
}

fn environ_get(caller: Caller<'_, Host>, addresses_at: u32, texts_at: u32) -> i32 {
    let mut guest = Guest(caller);
    let (mut entry_at, mut text_at) = (addresses_at, texts_at);
    let mut write = || -> Result<(), Refusal> {
        for variable in environment(guest.host()) {
            guest.write_number(entry_at, text_at)?;
            guest.write(text_at, &variable)?;
            entry_at = entry_at.saturating_add(4);
            text_at = text_at.saturating_add(variable.len() as u32);
        }
        Ok(())
    };
    errno(write())
}

fn nothing(caller: Caller<'_, Host>, count_at: u32, size_at: u32) -> i32 {
    let mut guest = Guest(caller);
    let first = guest.write_number(count_at, 0);
    errno(first.and_then(|()| guest.write_number(size_at, 0)).map_err(Refusal::from))
}

fn clock_time_get(caller: Caller<'_, Host>, clock: u32, _precision: u64, at: u32) -> i32 {
    let mut guest = Guest(caller);
    let host = guest.host();
    if host.clock_broken {
        return BROKEN;
    }
    host.read_clock();
    let time = match clock {
        0 => host.now(),
        1 => host.elapsed,
        _ => return NOT_SUPPORTED,
    };
    let nanoseconds = time.as_nanos() as u64;
    errno(guest.write(at, &nanoseconds.to_le_bytes()).map_err(Refusal::from))
}

/// The same random numbers in every run with the same seed (splitmix64).
fn random_get(caller: Caller<'_, Host>, at: u32, size: u32) -> i32 {
    if size > RANDOM_LIMIT {
        return INVALID;
    }
    let mut guest = Guest(caller);
    let mut bytes = Vec::with_capacity(size as usize + 8);
    while bytes.len() < size as usize {
        let state = &mut guest.host().random;
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut dice = *state;
        dice = (dice ^ (dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        dice = (dice ^ (dice >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((dice ^ (dice >> 31)).to_le_bytes());
    }
    bytes.truncate(size as usize);
    errno(guest.write(at, &bytes).map_err(Refusal::from))
}

fn poll_oneoff(mut caller: Caller<'_, Host>, _: i32, _: i32, _: i32, _: i32) -> i32 {
    caller.data_mut().note(Event::Unimplemented("poll_oneoff".to_owned()));
    NOT_THERE
}
