//! The fuzzer: libFuzzer feeds the target that `FUZZ_TARGET` names. Knows nothing of the targets' work.

#![no_main]
#![allow(unsafe_code, clippy::panic, reason = "libFuzzer calls a function by its C name")]

use std::sync::LazyLock;

static TARGET: LazyLock<fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    fuzz::target(&name).unwrap_or_else(|| panic!("FUZZ_TARGET must be one of {:?}", fuzz::names()))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (*TARGET)(data));
