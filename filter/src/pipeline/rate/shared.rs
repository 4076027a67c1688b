//! The data that all workers of one Envoy share. The host never calls back inside these functions.

/// Values by name, each written only if no other worker has written it meanwhile, and a clock.
pub trait SharedData {
    /// Nanoseconds since a moment that is the same for all workers. The clock should not go back; if it does, no client gains
    /// by it.
    ///
    /// # Errors
    /// The host does not tell the time.
    fn shared_now(&self) -> Result<u64, Unshared>;

    /// A value and its mark, which changes with each write; `None` if there is no such value.
    ///
    /// # Errors
    /// The host does not give it.
    fn shared(&self, name: &[u8]) -> Result<Option<(Vec<u8>, u32)>, Unshared>;

    /// Writes a value if it still has this mark, or does not exist. A mark of 0 would always write.
    ///
    /// # Errors
    /// [`Unshared::Changed`]: it has another mark.
    fn share(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared>;
}

/// Why a value was not read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unshared {
    /// Another worker has written meanwhile.
    Changed,
    /// The host refused, or the stored value is not ours.
    Refused(String),
}
