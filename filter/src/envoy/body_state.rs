//! What is known of the body of one message: has all of it come, is it held, what for.

/// The body of a message on its way.
#[derive(Debug, Default)]
pub(super) struct BodyState {
    /// The message was stopped in a callback of its own, and nothing has resumed it since.
    pub(super) held: bool,
    /// All of it has come.
    pub(super) ended: bool,
    /// The exchange waits for it.
    pub(super) reading: bool,
    /// What goes out in its place, as soon as all of it has come.
    pub(super) replacement: Option<Vec<u8>>,
}
