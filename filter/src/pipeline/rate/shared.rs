//! What all workers of one Envoy have in common. The host never calls back inside.

/// Values by name, each written only if nobody else has written it meanwhile, and a clock.
pub trait SharedData {
    /// Nanoseconds since some moment that is the same for all workers. It should not go back; where it does, nobody gains by it.
    ///
    /// # Errors
    /// The host does not say.
    fn shared_now(&self) -> Result<u64, Unshared>;

    /// A value and its mark, which is another one after each change; `None` where there is no such value.
    ///
    /// # Errors
    /// The host does not say.
    fn shared(&self, name: &[u8]) -> Result<Option<(Vec<u8>, u32)>, Unshared>;

    /// Writes a value if it still has this mark, or is not there. A mark of 0 would always write.
    ///
    /// # Errors
    /// [`Unshared::Changed`]: it has another mark.
    fn share(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared>;
}

/// Why nothing was shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unshared {
    /// Somebody else has written meanwhile.
    Changed,
    /// The host refused, or what it keeps there is not ours.
    Refused(String),
}
