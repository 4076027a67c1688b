//! `modifier/martian` of a backend: what is changed in each request that leaves for it and in each response that comes back,
//! between the scripts of `modifier/lua-backend` and the network.
//!
//! The block becomes one modifier for requests and one for responses, scopes applied. What cannot be sent is refused here, so
//! that a request meets values that are known to be good. Knows no message.

mod bodies;
mod cookie;
mod filters;
mod groups;
mod headers;
mod kinds;
mod modifier;
mod reading;
mod urls;

use super::notices::Notices;
use super::reader::{Node, Result};
use kinds::KINDS;
use reading::Reading;

pub use modifier::{Condition, Martian, Modifier};
pub(super) use reading::Bounds;

/// Reads a block; none where it does nothing.
pub(super) fn read(block: &Node<'_>, bounds: &Bounds<'_>, notices: &mut Notices) -> Result<Option<Martian>> {
    if block.is_idle() {
        notices.warn(block, "names no modifier and has no effect".to_owned());
        return Ok(None);
    }
    let martian = Reading::new(bounds, &KINDS, notices).modifier(block)?;
    Ok((martian != Martian::default()).then_some(martian))
}
