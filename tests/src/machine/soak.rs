//! Whether the long tests are wanted.

/// Is there time for the long tests? `SOAK=1` says so.
pub fn soaks() -> bool {
    std::env::var("SOAK").is_ok_and(|value| value != "0")
}
