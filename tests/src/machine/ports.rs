//! Free ports for servers that are given a number.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

// From 32768 on the system gives ports to connections and to whoever asks for any port: it could give one of those away before
// its server has taken it.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// A port that was free a moment ago. This process gets it once.
pub fn free_port() -> u16 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let free = |_| {
        let number = LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(process::id().wrapping_mul(37));
        let port = u16::try_from(FIRST + number % COUNT).unwrap();
        TcpListener::bind(("127.0.0.1", port)).is_ok().then_some(port)
    };
    (0..COUNT).find_map(free).unwrap()
}
