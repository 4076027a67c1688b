//! The allocator and the clock of the measured process, in the place of the system's: the allocator counts, the clock
//! stands still. The one file of this package with unsafe code.

#![allow(unsafe_code, reason = "an allocator is an unsafe trait, and a C function goes by its unmangled name")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_long;
use std::sync::atomic::{AtomicU64, Ordering};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Counting;

/// Allocations so far, those that grew or shrank a piece of memory included.
pub(crate) fn allocations() -> u64 {
    ALLOCATIONS.load(Ordering::Relaxed)
}

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps to the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps to the contract, which is the same.
        unsafe { System.dealloc(piece, layout) }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps to the contract, which is the same.
        unsafe { System.realloc(piece, layout, size) }
    }
}

/// The C library's `time`, for the C code in this program. Lua seeds its hashes with the time: with the
/// real one, two runs of a job differ by up to 0.7 % of their instructions.
///
/// # Safety
/// As C has it: `slot` is null or may be written to.
// SAFETY: the signature is that of C; nothing but the C code linked into this program finds it.
#[unsafe(no_mangle)]
unsafe extern "C" fn time(slot: *mut c_long) -> c_long {
    const NOW: c_long = 1_800_000_000;
    // SAFETY: the caller promised that the slot is null or may be written to.
    if let Some(slot) = unsafe { slot.as_mut() } {
        *slot = NOW;
    }
    NOW
}
