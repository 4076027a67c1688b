//! The switch for the long tests.

/// Should the long tests run? `SOAK=1` turns them on.
pub fn soaks() -> bool {
    std::env::var("SOAK").is_ok_and(|value| value != "0")
}
